-- One home's database, by the original project's later program.

INSERT INTO owner VALUES (1, 'local');
INSERT INTO users VALUES (1, 'local', NULL);

INSERT INTO thing
SELECT row_number() OVER (ORDER BY mac), 'local', mac
FROM (SELECT DISTINCT lower(mac_address) AS mac FROM raw_devices
	WHERE mac_address IS NOT NULL AND coalesce(is_gateway, 0) = 0);

-- The hardware address itself stays out of the fleet, and so does a hash of it,
-- which a search of all addresses would undo: a device's id is a random number.
INSERT INTO devices
SELECT device, replace(uuid()::VARCHAR, '-', ''), 1, oui_of(id), NULL
FROM thing;

-- A device's own packets are those to the remote; the others come back.
CREATE OR REPLACE TEMP TABLE direction AS
SELECT t.device, r.ts, r.dest_ip_address AS remote,
	try_cast(r.dest_port AS USMALLINT) AS remote_port,
	try_cast(r.src_port AS USMALLINT) AS device_port, r.protocol,
	0 AS in_bytes, r.byte_count AS out_bytes, 0 AS in_packets,
	r.packet_count AS out_packets
FROM raw_network_flows r JOIN thing t ON t.id = lower(r.src_mac_address)
UNION ALL
SELECT t.device, r.ts, r.src_ip_address,
	try_cast(r.src_port AS USMALLINT), try_cast(r.dest_port AS USMALLINT),
	r.protocol, r.byte_count, 0, r.packet_count, 0
FROM raw_network_flows r JOIN thing t ON t.id = lower(r.dest_mac_address);

INSERT INTO named_flow
SELECT d.device, ((d.ts // 5 + 1) * 5)::INTEGER, min(d.ts) * 1000, a.addr,
	any_value(host_of(h.hostname)), false, protocol_of(d.protocol),
	d.remote_port, d.device_port, sum(d.in_bytes), sum(d.out_bytes),
	sum(d.in_packets), sum(d.out_packets), any_value(a.local)
FROM direction d JOIN address a ON a.text = d.remote
	LEFT JOIN (
		SELECT ip_address, arg_max(hostname,
			(coalesce(updated_ts, 0), hostname)) AS hostname
		FROM raw_hostnames
		WHERE host_of(hostname) IS NOT NULL
		GROUP BY ip_address
	) h ON h.ip_address = d.remote
WHERE d.ts BETWEEN 0 AND 2147483640 AND protocol_of(d.protocol) IS NOT NULL
	AND d.remote_port IS NOT NULL AND d.device_port IS NOT NULL
	AND d.in_bytes >= 0 AND d.out_bytes >= 0
GROUP BY d.device, d.ts // 5, a.addr, protocol_of(d.protocol), d.remote_port,
	d.device_port;

INSERT INTO left_out
SELECT 'network_flows', 'of no device of the table devices, or whose time, protocol, address, ports or bytes are none',
	(SELECT count(*) FROM raw_network_flows) - (
		SELECT count(*) FROM raw_network_flows r
		WHERE (lower(src_mac_address) IN (SELECT id FROM thing)
			OR lower(dest_mac_address) IN (SELECT id FROM thing))
			AND ts BETWEEN 0 AND 2147483640
			AND protocol_of(protocol) IS NOT NULL
			AND try_cast(src_port AS USMALLINT) IS NOT NULL
			AND try_cast(dest_port AS USMALLINT) IS NOT NULL
			AND src_ip_address IN (SELECT text FROM address)
			AND dest_ip_address IN (SELECT text FROM address)
			AND byte_count >= 0);
