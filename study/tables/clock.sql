-- Whether a window's UTC day is one that a clock was right on: not before any
-- such data was gathered, as 1970 is, and not after the day after the import. A
-- computer whose clock was never set tells no day.
CREATE OR REPLACE MACRO is_dated(day) AS
	day BETWEEN DATE '2015-01-01' - DATE '1970-01-01'
	AND coalesce((SELECT try_cast(value AS DATE) - DATE '1970-01-01' + 1
		FROM meta WHERE key = 'imported'), 24855);
