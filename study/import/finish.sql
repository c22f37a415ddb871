-- The endpoints that flows and hellos have, once each, and these by number.

INSERT INTO endpoints(endpoint, addr, host, inferred)
SELECT row_number() OVER (ORDER BY addr, host, inferred), addr, host, inferred
FROM (
	SELECT addr, host, inferred FROM named_flow
	UNION SELECT addr, host, inferred FROM named_hello
);

INSERT INTO flows
SELECT f.device, f."end", f.first_ms, e.endpoint, f.protocol, f.remote_port,
	f.device_port, f.in_bytes, f.out_bytes, f.in_packets, f.out_packets, f.local
FROM named_flow f JOIN endpoints e
	ON e.addr IS NOT DISTINCT FROM f.addr
	AND e.host IS NOT DISTINCT FROM f.host AND e.inferred = f.inferred
ORDER BY f.device, f."end", e.endpoint, f.device_port;

INSERT INTO hellos
SELECT h.device, h.time_ms, e.endpoint, h.remote_port, h.version,
	h.cipher_suites, h.ja3, h.ja4
FROM named_hello h JOIN endpoints e
	ON e.addr IS NOT DISTINCT FROM h.addr
	AND e.host IS NOT DISTINCT FROM h.host AND e.inferred = h.inferred
ORDER BY h.device, h.time_ms, e.endpoint;

DELETE FROM left_out WHERE rows = 0;
