-- The only two that read all flows, which are many times as many as all else.

-- Whom each device met, and how, a bit each: by plaintext, otherwise, within the
-- home. So groups have two numbers as their key, which takes less time than four
-- columns do.
CREATE OR REPLACE TABLE met AS
SELECT device, endpoint,
	bit_or(CASE WHEN NOT local AND remote_port = 80 THEN 1
		WHEN NOT local THEN 2 ELSE 4 END::UTINYINT) AS how
FROM flows
GROUP BY device, endpoint;

-- One row a user and UTC day: in how many 5-second windows any device of
-- theirs had traffic. "end" is a window's end, so midnight is the day before.
-- 64 windows are a bit each of one number, 270 such numbers a day: a tenth of
-- the time and memory of counting distinct ends. The shift is by an UBIGINT, for
-- by an INTEGER the engine shifts numbers of 128 bits.
CREATE OR REPLACE TABLE busy AS
WITH flow AS (
	SELECT "user", ("end" - 5) // 5 AS number
	FROM flows JOIN devices USING (device)
	WHERE "user" IS NOT NULL
), block AS (
	SELECT "user", number >> 6 AS block,
		bit_or(1::UBIGINT << (number & 63)::UBIGINT) AS windows
	FROM flow
	GROUP BY ALL
)
SELECT "user", block // 270 AS day, sum(bit_count(windows))::BIGINT AS windows
FROM block
GROUP BY ALL;
