-- What the last report was asked for, and whether the source has no such thing
-- (study/fleet.h).
CREATE OR REPLACE MACRO asked(word) AS
	(SELECT value FROM settings WHERE key = word);
CREATE OR REPLACE MACRO lacks(word) AS
	word <> '' AND list_contains(string_split(asked('lacks'), ', '), word);
