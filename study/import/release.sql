-- A release: devices, without their owners.

INSERT INTO thing
SELECT row_number() OVER (ORDER BY device_id), NULL, device_id
FROM (
	SELECT device_id FROM raw_Device_labels
	UNION SELECT device_id FROM raw_Network_flows
	UNION SELECT device_id FROM raw_TLS_client_hello
)
WHERE device_id IS NOT NULL;

INSERT INTO devices SELECT device, id, NULL, NULL, NULL FROM thing;

-- The name is one that the source does not have, not one left empty.
INSERT INTO labels
SELECT t.device, NULL, coalesce(category, ''), coalesce(vendor, '')
FROM raw_Device_labels r JOIN thing t ON t.id = r.device_id
QUALIFY row_number() OVER (PARTITION BY t.device ORDER BY category, vendor) = 1;

CREATE OR REPLACE TEMP MACRO is_time(ts) AS
	coalesce(isfinite(ts) AND ts BETWEEN 0 AND 2147483640, false);

-- What was rare has neither address nor name.
INSERT INTO named_flow
SELECT t.device, ((ts // 5 + 1) * 5)::INTEGER, first_ms, a.addr,
	host_of(r.remote_hostname),
	coalesce(host_of(r.remote_hostname) IS NOT NULL
		AND ends_with(r.remote_hostname, '?'), false),
	protocol_of(r.protocol), r.remote_port, NULL, r.bytes_received,
	r.bytes_sent, NULL, NULL, coalesce(a.local, false)
FROM (SELECT *, floor("timestamp")::BIGINT AS ts,
		round("timestamp" * 1000)::BIGINT AS first_ms
	FROM raw_Network_flows WHERE is_time("timestamp")) r
	JOIN thing t ON t.id = r.device_id
	LEFT JOIN address a ON a.text = r.remote_ip
WHERE r.bytes_sent >= 0 AND r.bytes_received >= 0
	AND protocol_of(r.protocol) IS NOT NULL
	AND (r.remote_ip IS NULL OR a.addr IS NOT NULL);

INSERT INTO also_lacks
SELECT 'countries' WHERE EXISTS (FROM raw_Network_flows WHERE remote_ip IS NULL)
UNION ALL
SELECT 'withheld' WHERE EXISTS (FROM raw_Network_flows
	WHERE remote_ip IS NULL AND remote_hostname IS NULL)
UNION ALL
SELECT 'fingerprints' WHERE EXISTS (FROM raw_TLS_client_hello)
	AND NOT EXISTS (FROM raw_TLS_client_hello WHERE ja4 IS NOT NULL);

INSERT INTO named_hello
SELECT t.device, round("timestamp" * 1000)::BIGINT, NULL, NULL, false, NULL,
	r.tls_version, r.cipher_suites, r.ja3, r.ja4
FROM raw_TLS_client_hello r JOIN thing t ON t.id = r.device_id
WHERE is_time("timestamp");

INSERT INTO left_out
SELECT 'Network_flows', 'whose time, protocol, address or bytes are none',
	(SELECT count(*) FROM raw_Network_flows) - (SELECT count(*) FROM named_flow)
UNION ALL
SELECT 'TLS_client_hello', 'whose time is none',
	(SELECT count(*) FROM raw_TLS_client_hello) - (SELECT count(*) FROM named_hello);
