-- One row a user and UTC day: in how many 5-second windows any device of
-- theirs had traffic. "end" is a window's end, so midnight is the day before; a
-- day has 270 numbers of 64 windows. Of a user whose devices are in several
-- ranges a window counts once.
CREATE OR REPLACE TABLE busy AS
WITH whole AS (
	SELECT "user", block, bit_or(windows) AS windows
	FROM block
	GROUP BY ALL
)
SELECT "user", block // 270 AS day, sum(bit_count(windows))::BIGINT AS windows
FROM whole
GROUP BY ALL;

DROP TABLE block;
