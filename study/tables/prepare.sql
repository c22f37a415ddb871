-- What every table is computed from, made by each report and left in the fleet,
-- of what sums.sql made of the flows. Traffic within the home is not counted as a
-- contact, but as activity.

CREATE OR REPLACE TABLE contact AS
SELECT device, endpoint, plaintext
FROM met JOIN (VALUES (1, true), (2, false)) AS way(bit, plaintext)
	ON how & bit > 0;

CREATE OR REPLACE TABLE device_domain AS
SELECT device, domain, bool_and(coalesce(inferred, false)) AS guessed
FROM contact JOIN endpoints USING (endpoint)
WHERE domain <> '' AND is_counted(inferred)
GROUP BY device, domain;

-- Devices with contacts that a release withheld.
CREATE OR REPLACE TABLE withheld_contact AS
SELECT device, bool_or(plaintext) AS plaintext
FROM contact JOIN endpoints USING (endpoint)
WHERE is_withheld(addr, host)
GROUP BY device;

-- How much that is, in one line. Of a fleet without such nothing is read.
CREATE OR REPLACE TABLE withheld_said AS
SELECT count(*) FILTER (is_withheld) || ' of ' || count(*)
	|| ' flows to the Internet, of '
	|| count(DISTINCT device) FILTER (is_withheld) || ' of '
	|| count(DISTINCT device) || ' devices' AS said
FROM (
	SELECT device, is_withheld(addr, host) AS is_withheld
	FROM flows JOIN endpoints USING (endpoint)
	WHERE NOT local AND lacks('withheld')
)
HAVING count(*) > 0;

CREATE OR REPLACE TABLE labelled AS
SELECT device, "user"
FROM monitored SEMI JOIN (
	SELECT device
	FROM labels
	WHERE (name IS NULL OR trim(name) <> '') AND trim(category) <> '' AND trim(vendor) <> ''
) USING (device);

CREATE OR REPLACE TABLE active_user AS
SELECT "user", inspected, labelled, windows * 5 / 60 AS minutes
FROM (SELECT "user", sum(windows) AS windows FROM busy GROUP BY ALL)
JOIN (SELECT "user", count(*) AS inspected FROM monitored GROUP BY ALL)
	USING ("user")
LEFT JOIN (SELECT "user", count(*) AS labelled FROM labelled GROUP BY ALL)
	USING ("user");
