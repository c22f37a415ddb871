-- A full release: the tables of a fleet, as they are.

INSERT INTO users SELECT "user", account, utc_offset_min FROM raw_users;
INSERT INTO devices SELECT device, id, "user", oui_of(oui), manufacturer FROM raw_devices;
-- CSV has one way to write both nothing and a text left empty.
INSERT INTO labels
SELECT device, CASE WHEN NOT EXISTS (FROM raw_meta
		WHERE key = 'lacks' AND contains(value, 'names'))
	THEN coalesce(name, '') ELSE name END, coalesce(category, ''), coalesce(vendor, '')
FROM raw_labels;
INSERT INTO clues SELECT device, kind, text FROM raw_clues;
INSERT INTO endpoints(endpoint, addr, host, inferred)
SELECT endpoint, addr, host_of(host), inferred FROM raw_endpoints;
INSERT INTO flows
SELECT device, "end", ms_of(first_ms), endpoint, protocol, remote_port, device_port,
	in_bytes, out_bytes, in_packets, out_packets, local
FROM raw_flows
WHERE is_end("end") AND in_bytes >= 0 AND out_bytes >= 0
ORDER BY device, "end", endpoint, device_port;
INSERT INTO left_out
SELECT 'flows', 'without a time, or with negative bytes',
	(SELECT count(*) FROM raw_flows) - (SELECT count(*) FROM flows);
INSERT INTO hellos
SELECT device, time_ms, endpoint, remote_port, version, cipher_suites, ja3, ja4
FROM raw_hellos
ORDER BY device, time_ms, endpoint;
INSERT INTO views SELECT "user", view, seconds FROM raw_views;
INSERT INTO truth SELECT device, name, category, vendor, computer FROM raw_truth;
-- Labels that were withheld as personal had their part in what became of others.
INSERT INTO standard SELECT device, method, vendor, name FROM raw_standard;
INSERT INTO label_changes
SELECT method, kind, vendor, before, after, rule, devices FROM raw_label_changes;
INSERT INTO meta SELECT key, value FROM raw_meta
WHERE key IN ('source', 'lacks', 'consent', 'imported') OR key LIKE 'labels standardised%';
