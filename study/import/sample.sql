-- The original project's sample files, and those of iot-inspector read --csv.

INSERT INTO owner
SELECT row_number() OVER (ORDER BY user_key), user_key
FROM (SELECT DISTINCT user_key FROM raw_devices WHERE user_key IS NOT NULL);

INSERT INTO users SELECT "user", account, NULL FROM owner;

INSERT INTO thing
SELECT row_number() OVER (ORDER BY user_key, device_id), user_key, device_id
FROM (SELECT DISTINCT user_key, device_id FROM raw_devices
	WHERE user_key IS NOT NULL AND device_id IS NOT NULL);

INSERT INTO devices
SELECT t.device, id, "user", any_value(oui_of(device_oui)), NULL
FROM thing t JOIN owner USING (account)
	JOIN raw_devices r ON r.user_key = t.account AND r.device_id = t.id
GROUP BY ALL;

INSERT INTO labels
SELECT t.device, coalesce(device_name, ''), coalesce(device_type, ''),
	coalesce(device_vendor, '')
FROM raw_devices r JOIN thing t ON t.account = r.user_key AND t.id = r.device_id
WHERE coalesce(device_name, device_type, device_vendor) IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY t.device
	ORDER BY device_name, device_type, device_vendor) = 1;

-- What discovery found is a device's own reply, by whichever of its protocols.
INSERT INTO clues
SELECT DISTINCT t.device, kind, text
FROM (
	SELECT user_key, device_id, 'ssdp_netdisco' AS kind, netdisco_name AS text
	FROM raw_devices
	UNION ALL SELECT user_key, device_id, 'dhcp_hostname', dhcp_hostname
	FROM raw_devices
) r JOIN thing t ON t.account = r.user_key AND t.id = r.device_id
WHERE text IS NOT NULL;

-- The time is that of a window's end, or when the server had the upload, which
-- is in the window's place then: the end of the 5 seconds that it falls in. The
-- first packet's time is not known closer than that.
CREATE OR REPLACE TEMP MACRO end_of(ts) AS
	CASE WHEN isfinite(ts) AND ts BETWEEN 0 AND 2147483640
	THEN (ceil(ts / 5) * 5)::INTEGER END;

INSERT INTO named_flow
SELECT t.device, end_of(r.ts), (end_of(r.ts) - 5) * 1000::BIGINT, a.addr, host_of(r.remote_hostname),
	coalesce(host_of(r.remote_hostname) IS NOT NULL
		AND ends_with(r.remote_hostname, '?'), false),
	protocol_of(r.protocol), r.remote_port, r.device_port, r.in_byte_count,
	r.out_byte_count, NULL, NULL, a.local
FROM raw_flows r JOIN thing t ON t.account = r.user_key AND t.id = r.device_id
	JOIN address a ON a.text = r.remote_ip
WHERE r.in_byte_count >= 0 AND r.out_byte_count >= 0
	AND end_of(r.ts) IS NOT NULL AND protocol_of(r.protocol) IS NOT NULL;

-- A hello's server name is in the row of the mapping that it made.
INSERT INTO named_hello
SELECT t.device, (r.ts * 1000)::BIGINT, a.addr, n.host, false, r.remote_port,
	coalesce(p.version, r.version), r.cipher_suites, p.ja3, p.ja4
FROM raw_client_hello r
	JOIN fingerprint p ON p.hello = r.rowid
	JOIN thing t ON t.account = r.user_key AND t.id = r.device_id
	JOIN address a ON a.text = r.remote_ip
	LEFT JOIN (
		SELECT user_key, device_id, ip, device_port,
			arg_min(host_of(hostname), (ts, hostname)) AS host
		FROM raw_dns
		WHERE data_source = 'sni' AND host_of(hostname) IS NOT NULL
		GROUP BY ALL
	) n ON n.user_key = r.user_key AND n.device_id = r.device_id
		AND n.ip = r.remote_ip AND n.device_port = r.device_port
WHERE end_of(r.ts) IS NOT NULL;

INSERT INTO left_out
SELECT 'flows', 'of a device that devices does not have', count(*)
FROM raw_flows r ANTI JOIN thing t ON t.account = r.user_key AND t.id = r.device_id
UNION ALL
SELECT 'flows', 'whose time, protocol, address or bytes are none',
	(SELECT count(*) FROM raw_flows r SEMI JOIN thing t
		ON t.account = r.user_key AND t.id = r.device_id)
	- (SELECT count(*) FROM named_flow)
UNION ALL
SELECT 'client_hello', 'of a device that devices does not have, or whose time or address is none',
	(SELECT count(*) FROM raw_client_hello) - (SELECT count(*) FROM named_hello);
