-- What a release is made of. Before: new_id(kind, old, id), the random names of
-- users and devices; personal(text), texts that look like a person's; and
-- personal_host(host), hosts whose names do. Numbers follow the random names.

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
-- A home says [mac:...] and the like for what tells a device, by a hash that is
-- the same for ever: two releases could be joined by it.
CREATE OR REPLACE TEMP MACRO bare(text) AS
	regexp_replace(text, '\[([a-z0-9]+):[0-9a-f]{6,}\]?', '[\1]', 'g');
CREATE OR REPLACE TEMP MACRO coarse_s(s) AS
	CASE WHEN getvariable('coarsen_minutes') = 0 THEN s
	ELSE s - s % (60 * getvariable('coarsen_minutes')) END;
CREATE OR REPLACE TEMP MACRO coarse_ms(ms) AS
	CASE WHEN getvariable('coarsen_minutes') = 0 THEN ms
	ELSE ms - ms % (60000 * getvariable('coarsen_minutes')) END;

-- A personal name gives way to the category. A personal category or vendor is
-- "withheld", so that the device is still a labelled one; no vendor is called
-- so (data/labels/not-vendors.txt).
CREATE OR REPLACE TEMP TABLE new_label AS
SELECT n.device, n.id,
	CASE WHEN name NOT IN (SELECT text FROM personal) THEN bare(name)
	WHEN name IS NOT NULL AND category NOT IN (SELECT text FROM personal)
	THEN bare(category)
	WHEN name IS NOT NULL THEN 'withheld' END AS name,
	CASE WHEN category IN (SELECT text FROM personal) THEN 'withheld'
	ELSE bare(category) END AS category,
	CASE WHEN vendor IN (SELECT text FROM personal) THEN 'withheld'
	ELSE bare(vendor) END AS vendor,
	labels.device IN (SELECT device FROM monitored) AS is_monitored
FROM labels JOIN new_device n ON labels.device = n.old;

-- What a personal label became may still tell whose it was ("echo of anna",
-- without its stop words). What a label that is not personal became as well
-- tells nobody; but that one was merged into it, for it is spelt nearly so, does
-- not make a personal label another's.
CREATE OR REPLACE TEMP TABLE typed AS
SELECT vendor AS text, vendor IN (SELECT text FROM personal) AS is_personal
FROM labels
UNION SELECT coalesce(name, '') || CASE WHEN name <> '' THEN ' ' ELSE '' END || category,
	coalesce(name IN (SELECT text FROM personal), false)
		OR category IN (SELECT text FROM personal)
FROM labels;

CREATE OR REPLACE TEMP TABLE became AS
SELECT before, after,
	bool_or(rule IN ('spelling', 'part', 'punctuation')) AS is_merged
FROM label_changes
WHERE after IS NOT NULL
GROUP BY before, after;

CREATE OR REPLACE TEMP TABLE personal_label AS
WITH RECURSIVE grown(text, is_personal) AS (
	SELECT text, is_personal FROM typed
	UNION SELECT after, is_personal FROM grown JOIN became ON before = text
), own(text, is_personal) AS (
	SELECT text, is_personal FROM typed
	UNION SELECT after, is_personal FROM own JOIN became ON before = text
	WHERE NOT is_merged
)
SELECT text FROM grown GROUP BY text HAVING bool_and(is_personal)
UNION SELECT text FROM own GROUP BY text HAVING bool_and(is_personal);

-- A reply that is personal gives way to the vendor that is in it, or to no text:
-- that there was one, and whether it speaks for the vendor, is not. A "-" would
-- be a formula to who reads it.
CREATE OR REPLACE TEMP TABLE new_clue AS
SELECT DISTINCT n.device, kind, bare(text) AS text
FROM clues c JOIN new_device n ON c.device = n.old
WHERE text NOT IN (SELECT text FROM personal)
UNION ALL SELECT DISTINCT n.device, kind, coalesce(bare(s.vendor), '?')
FROM clues c JOIN new_device n ON c.device = n.old
	LEFT JOIN standard s ON s.device = c.device
		AND s.vendor NOT IN (SELECT text FROM personal_label)
		AND contains(worded(text), worded(s.vendor))
WHERE text IN (SELECT text FROM personal);

-- Endpoints within homes. A hello does not say whether it went to one.
CREATE OR REPLACE TEMP TABLE at_home AS
WITH inner_endpoint AS (
	SELECT DISTINCT endpoint FROM flows WHERE local
)
SELECT endpoint
FROM endpoints
WHERE endpoint IN (FROM inner_endpoint)
	OR addr IN (SELECT addr FROM endpoints
		SEMI JOIN inner_endpoint USING (endpoint))
	OR starts_with(addr, '[address:')
	OR regexp_matches(addr, '^(10|127|169\.254|172\.(1[6-9]|2[0-9]|3[01])|192\.168)\.')
	OR regexp_matches(addr, '^(f[cd][0-9a-f]{2}|fe[89ab][0-9a-f]):');

-- Whom each device met, and whether outside its home.
CREATE OR REPLACE TEMP TABLE reached AS
SELECT device, endpoint, bool_or(outside) AS outside
FROM (
	SELECT DISTINCT device, endpoint, NOT local AS outside FROM flows
	UNION ALL SELECT device, endpoint,
		endpoint NOT IN (FROM at_home)
	FROM (SELECT DISTINCT device, endpoint FROM hellos
		WHERE endpoint IS NOT NULL)
)
WHERE endpoint IS NOT NULL
GROUP BY ALL;

-- The vendor is the standardised one, so that slips of typing make no contact
-- rare; where a device has none, the one that was typed. Devices that are
-- nobody's may all be of one home.
CREATE OR REPLACE TEMP TABLE party AS
SELECT r.device, endpoint, nullif(addr, '') AS addr, nullif(host, '') AS host,
	nullif(domain, '') AS domain,
	coalesce(s.vendor, lower(trim(l.vendor)), '') AS vendor,
	coalesce("user", -1) AS household
FROM reached r JOIN endpoints USING (endpoint) JOIN devices USING (device)
	LEFT JOIN labels l ON l.device = r.device
	LEFT JOIN standard s ON s.device = r.device AND s.method = 'paper'
WHERE outside;

-- What devices of a vendor contacted in at least k homes: that very address,
-- that very host, that registered domain.
CREATE OR REPLACE TEMP TABLE common AS
UNPIVOT party ON addr, host, domain INTO NAME kind VALUE what;
CREATE OR REPLACE TEMP TABLE common AS
SELECT kind, what, vendor
FROM common
GROUP BY ALL
HAVING count(DISTINCT household) >= getvariable('k');

-- A host's name that tells a person or an address, as a provider's of its
-- customers do, gives way to its domain, however many contacted it, and in
-- every release.
CREATE OR REPLACE TEMP MACRO is_reverse(host) AS
	regexp_matches(host, '(^|[^0-9])([0-9]{1,3}[-._]){3}[0-9]{1,3}([^0-9]|$)')
	OR regexp_matches(host, '[0-9]{12}') OR host LIKE '%.arpa';

CREATE OR REPLACE TEMP TABLE shown AS
WITH looked_at AS (
	SELECT *, coalesce(is_reverse(host)
		OR host IN (SELECT host FROM personal_host), false) AS is_hidden
	FROM party
), judged AS (
	SELECT p.device, p.endpoint, p.is_hidden,
		h.what IS NOT NULL AND NOT p.is_hidden AS host,
		d.what IS NOT NULL AS domain,
		a.what IS NOT NULL AS addr,
		p.host IS NOT NULL AS is_named
	FROM looked_at p
	LEFT JOIN common a ON a.kind = 'addr' AND a.what = p.addr
		AND a.vendor = p.vendor
	LEFT JOIN common h ON h.kind = 'host' AND h.what = p.host
		AND h.vendor = p.vendor
	LEFT JOIN common d ON d.kind = 'domain' AND d.what = p.domain
		AND d.vendor = p.vendor
)
SELECT device, endpoint, outside,
	outside AND (host OR NOT (getvariable('is_withheld') OR is_hidden))
		AS host,
	NOT outside OR domain OR NOT getvariable('is_withheld') AS domain,
	outside AND (addr AND (host OR NOT is_named)
		OR NOT getvariable('is_withheld')) AS addr
FROM reached LEFT JOIN judged USING (device, endpoint);

-- What is withheld keeps an endpoint without a name, so that it is counted.
-- Addresses and names within homes stay there. Numbers are drawn for each release:
-- of two that went by the fleet's own, endpoints that neither tells of could be
-- joined, and what is between two names would tell something of what is withheld.
CREATE OR REPLACE TEMP TABLE new_number AS
SELECT *, row_number() OVER (ORDER BY gen_random_uuid())::INTEGER AS number
FROM (SELECT DISTINCT endpoint, outside, addr, host, domain FROM shown);

CREATE OR REPLACE TEMP TABLE new_endpoint AS
SELECT n.number AS endpoint,
	CASE WHEN n.addr THEN e.addr END AS addr,
	CASE WHEN n.host THEN e.host WHEN n.outside AND n.domain THEN e.domain
	END AS host,
	CASE WHEN n.host OR n.domain THEN inferred END AS inferred,
	CASE WHEN n.host OR n.domain THEN e.domain END AS domain,
	CASE WHEN n.addr THEN country END AS country,
	CASE WHEN n.addr OR n.host OR n.domain THEN tracker END AS tracker
FROM endpoints e JOIN new_number n USING (endpoint);

CREATE OR REPLACE TEMP TABLE new_met AS
SELECT device, s.endpoint, number
FROM shown s JOIN new_number n USING (endpoint, outside, addr, host, domain);

-- Counted for the data sheet: who a vendor's devices contacted, told by the
-- registered domain, else by the address.
CREATE OR REPLACE TEMP TABLE rare AS
SELECT coalesce(domain, addr) AS party, vendor
FROM party
WHERE coalesce(domain, addr) IS NOT NULL
GROUP BY ALL
HAVING count(DISTINCT household) < getvariable('k');

CREATE OR REPLACE TEMP TABLE withheld AS
SELECT device, endpoint FROM shown
WHERE outside AND NOT (addr OR host OR domain);

-- What the release lacks, beside what the fleet does. Without an address a
-- contact has no country; without its registered domain nobody knows whether it
-- was a tracker's.
CREATE OR REPLACE TEMP TABLE new_lacks AS
SELECT string_agg(DISTINCT word, ', ' ORDER BY word) AS words
FROM (
	SELECT unnest(string_split(value, ', ')) AS word
	FROM meta WHERE key = 'lacks'
	UNION ALL SELECT 'countries'
	WHERE EXISTS (FROM shown WHERE outside AND NOT addr)
	UNION ALL SELECT 'withheld'
	WHERE EXISTS (FROM shown
		WHERE outside AND NOT (addr OR host OR domain))
	UNION ALL SELECT 'times' WHERE getvariable('coarsen_minutes') > 0
)
WHERE word <> '';

CREATE OR REPLACE TEMP TABLE shortened AS
SELECT device, endpoint FROM shown
WHERE outside AND domain AND NOT host;

CREATE OR REPLACE TEMP VIEW new_flow AS
SELECT n.device, n.id, coarse_s(f."end" - 5) + 5 AS "end",
	coarse_ms(coalesce(f.first_ms, (f."end" - 5) * 1000::BIGINT))
		AS first_ms,
	m.number AS endpoint,
	f.protocol, f.remote_port, f.device_port, f.in_bytes, f.out_bytes,
	f.in_packets, f.out_packets, f.local
FROM flows f JOIN new_device n ON f.device = n.old
	LEFT JOIN new_met m ON m.device = f.device AND m.endpoint = f.endpoint;

CREATE OR REPLACE TEMP VIEW new_hello AS
SELECT n.device, n.id, coarse_ms(h.time_ms) AS time_ms,
	m.number AS endpoint,
	h.remote_port, h.version, h.cipher_suites, h.ja3, h.ja4
FROM hellos h JOIN new_device n ON h.device = n.old
	LEFT JOIN new_met m ON m.device = h.device AND m.endpoint = h.endpoint;
