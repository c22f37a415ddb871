-- A collector's export. An account or device that is not in its list is nobody.

INSERT INTO owner
SELECT row_number() OVER (ORDER BY account), account
FROM (SELECT DISTINCT account FROM raw_accounts WHERE account IS NOT NULL);

INSERT INTO users
SELECT "user", account, any_value(utc_offset_min)
FROM owner JOIN raw_accounts USING (account)
GROUP BY ALL;

INSERT INTO meta
SELECT 'consent', string_agg(accounts || ' to the text with SHA-256 ' || consent, ', '
	ORDER BY accounts DESC, consent) || ' (users who agreed)'
FROM (SELECT consent, count(DISTINCT account) AS accounts FROM raw_accounts
	WHERE consent IS NOT NULL GROUP BY consent)
HAVING count(*) > 0;

INSERT INTO thing
SELECT row_number() OVER (ORDER BY account, device), account, device
FROM (SELECT DISTINCT account, device FROM raw_devices SEMI JOIN owner USING (account)
	WHERE device IS NOT NULL);

INSERT INTO devices
SELECT t.device, id, "user", any_value(oui_of(oui)), NULL
FROM thing t JOIN owner USING (account)
	JOIN raw_devices r ON r.account = t.account AND r.device = t.id
GROUP BY ALL;

INSERT INTO labels
SELECT t.device, coalesce(name, ''), coalesce(category, ''), coalesce(vendor, '')
FROM raw_labels r JOIN thing t ON t.account = r.account AND t.id = r.device
WHERE source IS DISTINCT FROM 'rejected'
QUALIFY row_number() OVER (PARTITION BY t.device
	ORDER BY time DESC, name, category, vendor) = 1;

INSERT INTO clues
SELECT DISTINCT t.device, kind, text
FROM raw_clues r JOIN thing t ON t.account = r.account AND t.id = r.device
WHERE text IS NOT NULL;

INSERT INTO views
SELECT "user", view, sum(seconds)
FROM raw_views JOIN owner USING (account)
WHERE isfinite(seconds) AND seconds >= 0
GROUP BY ALL;

-- Texts are numbered once, in the order of their letters, and all that is many is
-- joined by numbers alone.
CREATE OR REPLACE TEMP TABLE spot AS
SELECT text, addr, local, dense_rank() OVER (ORDER BY addr)::INTEGER AS spot
FROM address;

CREATE OR REPLACE TEMP TABLE spoken AS
SELECT text, text_host AS name, dense_rank() OVER (ORDER BY text_host)::INTEGER AS host
FROM (SELECT text, host_of(text) AS text_host
	FROM (SELECT name AS text FROM raw_names UNION SELECT sni FROM raw_hellos))
WHERE text_host IS NOT NULL;

-- A name without a time is one of after all others.
CREATE OR REPLACE TEMP TABLE name AS
SELECT t.device, s.spot, n.host, coalesce(r.time_ms, 9223372036854775807) AS time_ms,
	CASE source WHEN 'dns' THEN 1 WHEN 'sni' THEN 2 ELSE 3 END::UTINYINT AS rank
FROM raw_names r JOIN thing t ON t.account = r.account AND t.id = r.device
	JOIN spot s ON s.text = r.address JOIN spoken n ON n.text = r.name;

-- A flow's endpoint is named by the device's own evidence: the latest answer of
-- the DNS before it, else of a hello, else of HTTP, else the first after it;
-- where it has none, by what most devices know the address as, which is a guess.
-- Most addresses have one name for a device, and time does not matter. Of the
-- others, known has what was known when; since when the first was, does not
-- matter either. Of two at the same time the first by its letters, so that it is
-- always it.
CREATE OR REPLACE TEMP TABLE pair AS
SELECT device, spot, min(host) AS host, min(host) <> max(host) AS changes
FROM name
GROUP BY device, spot;

CREATE OR REPLACE TEMP TABLE known AS
WITH moment AS (
	SELECT device, spot, time_ms, min(host) FILTER (rank = 1) AS dns,
		min(host) FILTER (rank = 2) AS sni, min(host) FILTER (rank = 3) AS http
	FROM name SEMI JOIN (FROM pair WHERE changes) USING (device, spot)
	GROUP BY device, spot, time_ms
), latest AS (
	SELECT device, spot, time_ms, coalesce(last_value(dns IGNORE NULLS) OVER before,
		last_value(sni IGNORE NULLS) OVER before,
		last_value(http IGNORE NULLS) OVER before) AS host
	FROM moment
	WINDOW before AS (PARTITION BY device, spot ORDER BY time_ms
		ROWS UNBOUNDED PRECEDING)
), turned AS (
	SELECT device, spot, time_ms, host,
		lag(host) OVER (PARTITION BY device, spot ORDER BY time_ms) AS was
	FROM latest
)
SELECT device, spot, host,
	CASE WHEN was IS NULL THEN -9223372036854775807 ELSE time_ms END AS since
FROM turned
WHERE was IS DISTINCT FROM host;

CREATE OR REPLACE TEMP TABLE first_name AS
SELECT device, spot, host FROM pair WHERE NOT changes
UNION ALL
SELECT device, spot, host FROM known WHERE since = -9223372036854775807;

CREATE OR REPLACE TEMP TABLE crowd AS
SELECT spot, host
FROM (SELECT spot, host, count(DISTINCT device) AS devices FROM name GROUP BY ALL)
QUALIFY row_number() OVER (PARTITION BY spot ORDER BY devices DESC, host) = 1;

-- All flows of a device that there is; spot is NULL of those that are left out.
CREATE OR REPLACE TEMP TABLE met_flow AS
SELECT t.device, r."end", ms_of(r.first_ms) AS first_ms,
	CASE WHEN r.in_bytes >= 0 AND r.out_bytes >= 0 AND is_end(r."end")
		THEN s.spot END AS spot,
	r.protocol, r.remote_port, r.device_port, r.in_bytes, r.out_bytes,
	r.in_packets, r.out_packets, s.local
FROM raw_flows r JOIN thing t ON t.account = r.account AND t.id = r.device
	LEFT JOIN spot s ON s.text = r.remote;

-- Texts are most of what an export is, and these are not needed any more.
CREATE OR REPLACE TEMP TABLE flow_count AS
SELECT (SELECT count(*) FROM raw_flows) AS raw,
	(SELECT count(*) FROM raw_flows
	WHERE in_packets IS NOT NULL OR out_packets IS NOT NULL) AS with_packets;
DROP TABLE raw_flows;

CREATE OR REPLACE TEMP TABLE met_pair AS
SELECT m.device, m.spot, coalesce(p.host, c.host) AS host,
	p.host IS NULL AND c.host IS NOT NULL AS inferred
FROM (SELECT DISTINCT device, spot FROM met_flow WHERE spot IS NOT NULL) m
	LEFT JOIN pair p USING (device, spot) LEFT JOIN crowd c USING (spot)
WHERE p.changes IS NOT true;

CREATE OR REPLACE TEMP TABLE met_turn AS
SELECT m.device, m.spot, m."end", k.host
FROM (SELECT DISTINCT device, spot, "end"
	FROM met_flow SEMI JOIN (FROM pair WHERE changes) USING (device, spot)) m
ASOF JOIN known k ON k.device = m.device AND k.spot = m.spot
	AND k.since <= m."end" * 1000::BIGINT;

CREATE OR REPLACE TEMP TABLE met_hello AS
SELECT t.device, r.time_ms, s.spot, coalesce(n.host, f.host) AS host, r.remote_port,
	highest_of(r.version, r.supported_versions) AS version, r.cipher_suites,
	r.ja3, r.ja4
FROM raw_hellos r JOIN thing t ON t.account = r.account AND t.id = r.device
	JOIN spot s ON s.text = r.remote
	LEFT JOIN spoken n ON n.text = r.sni
	LEFT JOIN first_name f ON f.device = t.device AND f.spot = s.spot;

CREATE OR REPLACE TEMP TABLE met_endpoint AS
SELECT row_number() OVER (ORDER BY spot, host, inferred)::INTEGER AS endpoint,
	spot, host, inferred
FROM (
	SELECT spot, host, inferred FROM met_pair
	UNION SELECT spot, host, false FROM met_turn
	UNION SELECT spot, host, false FROM met_hello
);

INSERT INTO endpoints(endpoint, addr, host, inferred)
SELECT endpoint, addr, name, inferred
FROM met_endpoint JOIN (SELECT DISTINCT spot, addr FROM spot) USING (spot)
	LEFT JOIN (SELECT DISTINCT host, name FROM spoken) USING (host)
ORDER BY endpoint;

INSERT INTO flows
SELECT f.device, f."end", f.first_ms, coalesce(p.endpoint, t.endpoint) AS endpoint,
	f.protocol, f.remote_port, f.device_port, f.in_bytes, f.out_bytes,
	f.in_packets, f.out_packets, f.local
FROM met_flow f
	LEFT JOIN (SELECT device, m.spot, endpoint
		FROM met_pair m JOIN met_endpoint e ON e.spot = m.spot
		AND e.host IS NOT DISTINCT FROM m.host AND e.inferred = m.inferred) p
	ON p.device = f.device AND p.spot = f.spot
	LEFT JOIN (SELECT device, m.spot, "end", endpoint
		FROM met_turn m JOIN met_endpoint e ON e.spot = m.spot
		AND e.host = m.host AND NOT e.inferred) t
	ON t.device = f.device AND t.spot = f.spot AND t."end" = f."end"
WHERE f.spot IS NOT NULL
ORDER BY f.device, f."end", endpoint, f.device_port;

INSERT INTO hellos
SELECT h.device, h.time_ms, e.endpoint, h.remote_port, h.version, h.cipher_suites,
	h.ja3, h.ja4
FROM met_hello h JOIN met_endpoint e ON e.spot = h.spot
	AND e.host IS NOT DISTINCT FROM h.host AND NOT e.inferred
ORDER BY h.device, h.time_ms, e.endpoint;

INSERT INTO left_out
SELECT 'devices', 'of an account that accounts does not have', count(*)
FROM raw_devices ANTI JOIN owner USING (account)
UNION ALL
SELECT 'labels', 'of a device that devices does not have', count(*)
FROM raw_labels r ANTI JOIN thing t ON t.account = r.account AND t.id = r.device
UNION ALL
SELECT 'clues', 'of a device that devices does not have', count(*)
FROM raw_clues r ANTI JOIN thing t ON t.account = r.account AND t.id = r.device
UNION ALL
SELECT 'names', 'of a device that devices does not have', count(*)
FROM raw_names r ANTI JOIN thing t ON t.account = r.account AND t.id = r.device
UNION ALL
SELECT 'names', 'whose name is none', count(*)
FROM raw_names r ANTI JOIN spoken n ON n.text = r.name
UNION ALL
SELECT 'hellos', 'of a device that devices does not have, or without an address',
	(SELECT count(*) FROM raw_hellos) - (SELECT count(*) FROM hellos)
UNION ALL
SELECT 'flows', 'of a device that devices does not have',
	raw - (SELECT count(*) FROM met_flow)
FROM flow_count
UNION ALL
SELECT 'flows', 'without an address or a time, or with negative bytes',
	(SELECT count(*) FROM met_flow) - (SELECT count(*) FROM flows);

-- What a column that is not there, or has nothing, would have told.
INSERT INTO also_lacks
SELECT 'zones' WHERE EXISTS (FROM raw_accounts)
	AND NOT EXISTS (FROM raw_accounts WHERE utc_offset_min IS NOT NULL)
UNION ALL
SELECT 'oui' WHERE EXISTS (FROM raw_devices)
	AND NOT EXISTS (FROM raw_devices WHERE oui IS NOT NULL)
UNION ALL
SELECT 'packets' FROM flow_count WHERE raw > 0 AND with_packets = 0
UNION ALL
SELECT 'fingerprints' WHERE EXISTS (FROM raw_hellos)
	AND NOT EXISTS (FROM raw_hellos WHERE ja4 IS NOT NULL);
