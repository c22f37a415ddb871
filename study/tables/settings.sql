-- What the last report was asked for; whether the source lacks any of the words
-- (study/fleet.h), which are joined by ", "; and whether an endpoint is one that a
-- release withheld: it has neither an address nor a name; and whether a name that
-- was inferred, guessed that is, counts.
CREATE OR REPLACE MACRO asked(word) AS
	(SELECT value FROM settings WHERE key = word);
CREATE OR REPLACE MACRO lacks(words) AS
	words <> '' AND list_has_any(string_split(words, ', '),
		string_split(asked('lacks'), ', '));
CREATE OR REPLACE MACRO is_withheld(addr, host) AS
	lacks('withheld') AND addr IS NULL AND host IS NULL;
CREATE OR REPLACE MACRO is_counted(inferred) AS
	inferred IS NOT true OR asked('guessed names') = 'counted';
