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

-- A flow's endpoint is named by the device's own evidence: the latest answer of
-- the DNS before it, else of a hello, else of HTTP, else the first after it;
-- where it has none, by what most devices know the address as, which is a guess.
CREATE OR REPLACE TEMP TABLE name AS
SELECT t.device, a.addr, host_of(r.name) AS host, r.time_ms,
	CASE source WHEN 'dns' THEN 1 WHEN 'sni' THEN 2 ELSE 3 END AS rank
FROM raw_names r JOIN thing t ON t.account = r.account AND t.id = r.device
	JOIN address a ON a.text = r.address
WHERE host_of(r.name) IS NOT NULL;

-- Of two at the same time the first by its letters, so that it is always it.
CREATE OR REPLACE TEMP TABLE name_at AS
SELECT device, addr, rank, time_ms, min(host) AS host
FROM name
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE met AS
SELECT DISTINCT t.device, a.addr, r."end" * 1000::BIGINT AS time_ms
FROM raw_flows r JOIN thing t ON t.account = r.account AND t.id = r.device
	JOIN address a ON a.text = r.remote;

CREATE OR REPLACE TEMP TABLE met_name AS
SELECT m.device, m.addr, m.time_ms,
	coalesce(d.host, s.host, h.host, later.host, crowd.host) AS host,
	d.host IS NULL AND s.host IS NULL AND h.host IS NULL
		AND later.host IS NULL AND crowd.host IS NOT NULL AS inferred
FROM met m
ASOF LEFT JOIN (FROM name_at WHERE rank = 1) d
	ON d.device = m.device AND d.addr = m.addr AND d.time_ms <= m.time_ms
ASOF LEFT JOIN (FROM name_at WHERE rank = 2) s
	ON s.device = m.device AND s.addr = m.addr AND s.time_ms <= m.time_ms
ASOF LEFT JOIN (FROM name_at WHERE rank = 3) h
	ON h.device = m.device AND h.addr = m.addr AND h.time_ms <= m.time_ms
LEFT JOIN (SELECT device, addr, arg_min(host, (time_ms, rank, host)) AS host
	FROM name GROUP BY ALL) later
	ON later.device = m.device AND later.addr = m.addr
LEFT JOIN (SELECT addr, host FROM (
		SELECT addr, host, count(DISTINCT device) AS devices FROM name GROUP BY ALL)
	QUALIFY row_number() OVER (PARTITION BY addr ORDER BY devices DESC, host) = 1) crowd
	ON crowd.addr = m.addr;

INSERT INTO named_flow
SELECT t.device, r."end", ms_of(r.first_ms), a.addr, n.host, n.inferred, r.protocol,
	r.remote_port, r.device_port, r.in_bytes, r.out_bytes, r.in_packets,
	r.out_packets, a.local
FROM raw_flows r JOIN thing t ON t.account = r.account AND t.id = r.device
	JOIN address a ON a.text = r.remote
	JOIN met_name n ON n.device = t.device AND n.addr = a.addr
		AND n.time_ms = r."end" * 1000::BIGINT
WHERE r.in_bytes >= 0 AND r.out_bytes >= 0 AND is_end(r."end");

INSERT INTO named_hello
SELECT t.device, r.time_ms, a.addr, coalesce(host_of(r.sni), later.host),
	false, r.remote_port, highest_of(r.version, r.supported_versions),
	r.cipher_suites, r.ja3, r.ja4
FROM raw_hellos r JOIN thing t ON t.account = r.account AND t.id = r.device
	JOIN address a ON a.text = r.remote
	LEFT JOIN (SELECT device, addr, arg_min(host, (time_ms, rank, host)) AS host
		FROM name GROUP BY ALL) later
		ON later.device = t.device AND later.addr = a.addr;

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
FROM raw_names WHERE host_of(name) IS NULL
UNION ALL
SELECT 'hellos', 'of a device that devices does not have, or without an address',
	(SELECT count(*) FROM raw_hellos) - (SELECT count(*) FROM named_hello)
UNION ALL
SELECT 'flows', 'of a device that devices does not have', count(*)
FROM raw_flows r ANTI JOIN thing t ON t.account = r.account AND t.id = r.device
UNION ALL
SELECT 'flows', 'without an address or a time, or with negative bytes',
	(SELECT count(*) FROM raw_flows r SEMI JOIN thing t
		ON t.account = r.account AND t.id = r.device)
	- (SELECT count(*) FROM named_flow);

-- What a column that is not there, or has nothing, would have told.
INSERT INTO also_lacks
SELECT 'zones' WHERE EXISTS (FROM raw_accounts)
	AND NOT EXISTS (FROM raw_accounts WHERE utc_offset_min IS NOT NULL)
UNION ALL
SELECT 'oui' WHERE EXISTS (FROM raw_devices)
	AND NOT EXISTS (FROM raw_devices WHERE oui IS NOT NULL)
UNION ALL
SELECT 'packets' WHERE EXISTS (FROM raw_flows) AND NOT EXISTS (FROM raw_flows
	WHERE in_packets IS NOT NULL OR out_packets IS NOT NULL)
UNION ALL
SELECT 'fingerprints' WHERE EXISTS (FROM raw_hellos)
	AND NOT EXISTS (FROM raw_hellos WHERE ja4 IS NOT NULL);
