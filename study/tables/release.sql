-- What a release is made of. Before: new_id(kind, old, id), the random names of
-- users and devices, and personal(text), texts that look like a person's.
-- Numbers follow the random names, so that no two releases can be joined.

CREATE OR REPLACE TEMP TABLE new_user AS
SELECT old, id, row_number() OVER (ORDER BY id)::INTEGER AS "user"
FROM new_id WHERE kind = 'user';

CREATE OR REPLACE TEMP TABLE new_device AS
SELECT old, id, row_number() OVER (ORDER BY id)::INTEGER AS device
FROM new_id WHERE kind = 'device';

-- A text that a spreadsheet would take for a formula.
CREATE OR REPLACE TEMP MACRO safe(text) AS
	CASE WHEN regexp_matches(text, '^[=+@\t\r-]') THEN '''' || text
	ELSE text END;
CREATE OR REPLACE TEMP MACRO coarse_s(s) AS
	CASE WHEN getvariable('coarsen_minutes') = 0 THEN s
	ELSE s - s % (60 * getvariable('coarsen_minutes')) END;
CREATE OR REPLACE TEMP MACRO coarse_ms(ms) AS
	CASE WHEN getvariable('coarsen_minutes') = 0 THEN ms
	ELSE ms - ms % (60000 * getvariable('coarsen_minutes')) END;

-- A personal name gives way to the category; a personal category or vendor
-- leaves nothing that could be standardised.
CREATE OR REPLACE TEMP TABLE new_label AS
SELECT n.device, n.id,
	CASE WHEN name NOT IN (SELECT text FROM personal) THEN name
	WHEN category NOT IN (SELECT text FROM personal) THEN category
	END AS name,
	CASE WHEN category IN (SELECT text FROM personal) THEN ''
	ELSE category END AS category,
	CASE WHEN vendor IN (SELECT text FROM personal) THEN ''
	ELSE vendor END AS vendor,
	NOT EXISTS (FROM personal WHERE text IN (name, category, vendor))
		AS is_whole
FROM labels JOIN new_device n ON labels.device = n.old;

-- Who was contacted by devices of a vendor in fewer than k homes. What has no
-- name is told by its address, which may be a person's own.
CREATE OR REPLACE TEMP TABLE party AS
SELECT device, endpoint, coalesce(nullif(domain, ''), addr) AS party,
	lower(trim(coalesce(vendor, ''))) AS vendor,
	coalesce("user", -1 - device) AS household
FROM (
	SELECT DISTINCT device, endpoint FROM flows WHERE NOT local
	UNION SELECT DISTINCT device, endpoint FROM hellos
) JOIN endpoints USING (endpoint) JOIN devices USING (device)
	LEFT JOIN labels USING (device);

CREATE OR REPLACE TEMP TABLE rare AS
SELECT party, vendor
FROM party
WHERE party IS NOT NULL
GROUP BY party, vendor
HAVING count(DISTINCT household) < getvariable('k');

CREATE OR REPLACE TEMP TABLE withheld AS
SELECT device, endpoint FROM party SEMI JOIN rare USING (party, vendor)
WHERE getvariable('is_withheld');

CREATE OR REPLACE TEMP VIEW new_flow AS
SELECT n.device, n.id, coarse_s(f."end") AS "end",
	coarse_ms(coalesce(f.first_ms, (f."end" - 5) * 1000::BIGINT))
		AS first_ms,
	CASE WHEN w.device IS NULL THEN f.endpoint END AS endpoint,
	f.protocol, f.remote_port, f.device_port, f.in_bytes, f.out_bytes,
	f.in_packets, f.out_packets, f.local
FROM flows f JOIN new_device n ON f.device = n.old
	LEFT JOIN withheld w ON w.device = f.device AND w.endpoint = f.endpoint;

CREATE OR REPLACE TEMP VIEW new_hello AS
SELECT n.device, n.id, coarse_ms(h.time_ms) AS time_ms,
	CASE WHEN w.device IS NULL THEN h.endpoint END AS endpoint,
	h.remote_port, h.version, h.cipher_suites, h.ja3, h.ja4
FROM hellos h JOIN new_device n ON h.device = n.old
	LEFT JOIN withheld w ON w.device = h.device AND w.endpoint = h.endpoint;

-- Addresses and names within homes stay there.
CREATE OR REPLACE TEMP TABLE new_endpoint AS
SELECT endpoint, CASE WHEN outside THEN addr END AS addr,
	CASE WHEN outside THEN host END AS host,
	inferred, domain, country, tracker
FROM endpoints JOIN (
	SELECT endpoint, bool_or(outside) AS outside
	FROM (
		SELECT DISTINCT endpoint, NOT local AS outside FROM new_flow
		UNION SELECT DISTINCT endpoint, true FROM new_hello
	)
	WHERE endpoint IS NOT NULL
	GROUP BY endpoint
) USING (endpoint);
