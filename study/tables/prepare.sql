-- What every table is computed from, made once a report, of what sums.sql made
-- of the flows. Traffic within the home is not counted as a contact, but as
-- activity.

-- Whether the source has no such thing (study/fleet.h).
CREATE OR REPLACE TEMP MACRO lacks(word) AS
	word <> '' AND list_contains(string_split(getvariable('lacks'), ', '), word);

CREATE OR REPLACE TEMP TABLE contact AS
SELECT device, endpoint, plaintext
FROM traffic JOIN (VALUES (1, true), (2, false)) AS way(bit, plaintext)
	ON how & bit > 0;

CREATE OR REPLACE TEMP TABLE device_domain AS
SELECT device, domain, bool_and(coalesce(inferred, false)) AS guessed
FROM contact JOIN endpoints USING (endpoint)
WHERE domain <> ''
GROUP BY device, domain;

-- A release does not have the traffic within homes, but a device that it has a
-- label of had some (study/release.h).
CREATE OR REPLACE TEMP TABLE monitored AS
SELECT device, "user"
FROM devices
WHERE device IN (SELECT device FROM traffic)
	OR (device IN (SELECT device FROM labels)
		AND EXISTS (FROM meta WHERE key = 'source' AND value = 'a release'));

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
