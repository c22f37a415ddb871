-- What every table is computed from, made once a report. Traffic within the
-- home is not counted as a contact, but as activity.

-- Whether the source has no such thing (study/fleet.h).
CREATE OR REPLACE TEMP MACRO lacks(word) AS
	word <> '' AND list_contains(string_split(getvariable('lacks'), ', '), word);

-- Flows are many times as many as all else, so they are read twice alone: for
-- whom each device met, and for when each home had traffic.
CREATE OR REPLACE TEMP TABLE traffic AS
SELECT device, endpoint, remote_port = 80 AS plaintext, local
FROM flows
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE contact AS
SELECT device, endpoint, plaintext
FROM traffic
WHERE NOT local;

CREATE OR REPLACE TEMP TABLE device_domain AS
SELECT device, domain, bool_and(coalesce(inferred, false)) AS guessed
FROM contact JOIN endpoints USING (endpoint)
WHERE domain <> ''
GROUP BY device, domain;

-- One row a user and UTC day: in how many 5-second windows any device of
-- theirs had traffic. "end" is a window's end, so midnight is the day before.
-- 64 windows are a bit each of one number, 270 such numbers a day: a tenth of
-- the time and memory of counting distinct ends. The shift is by an UBIGINT, for
-- by an INTEGER the engine shifts numbers of 128 bits.
CREATE OR REPLACE TEMP TABLE activity AS
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

CREATE OR REPLACE TEMP TABLE monitored AS
SELECT device, "user"
FROM devices SEMI JOIN traffic USING (device);

CREATE OR REPLACE TEMP TABLE labelled AS
SELECT device, "user"
FROM monitored SEMI JOIN (
	SELECT device
	FROM labels
	WHERE (name IS NULL OR trim(name) <> '') AND trim(category) <> '' AND trim(vendor) <> ''
) USING (device);

CREATE OR REPLACE TEMP TABLE active_user AS
SELECT "user", inspected, labelled, windows * 5 / 60 AS minutes
FROM (SELECT "user", sum(windows) AS windows FROM activity GROUP BY ALL)
JOIN (SELECT "user", count(*) AS inspected FROM monitored GROUP BY ALL)
	USING ("user")
LEFT JOIN (SELECT "user", count(*) AS labelled FROM labelled GROUP BY ALL)
	USING ("user");
