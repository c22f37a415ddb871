-- Title: Devices in each step, and what they did
-- About: From all discovered devices to the validated ones, then what the
--   validated devices did. A device is labelled when it had traffic and has a
--   name, a category and a vendor. Shares are of the validated devices.
-- Needs: labels, flows
-- Shares: share_of_validated
WITH step(place, step, device, vendor) AS (
	SELECT 1, 'discovered', device, NULL FROM devices
	UNION ALL SELECT 2, 'monitored', device, NULL FROM monitored
	UNION ALL SELECT 3, 'labelled', device, NULL FROM labelled
	UNION ALL SELECT 4, 'standardised', device, vendor FROM standardised
	UNION ALL SELECT 5, 'validated', device, vendor FROM validated
	UNION ALL SELECT 6, 'plaintext', device, vendor
	FROM validated SEMI JOIN (FROM contact WHERE plaintext) USING (device)
	UNION ALL SELECT 7, 'to a tracker', device, vendor
	FROM validated SEMI JOIN tracker_contact USING (device)
	UNION ALL SELECT 8, 'valid hello', device, vendor
	FROM validated JOIN tls_device USING (device)
	UNION ALL SELECT 9, 'outdated TLS (paper)', device, vendor
	FROM validated JOIN tls_device USING (device) WHERE outdated_paper
	UNION ALL SELECT 10, 'outdated TLS (current)', device, vendor
	FROM validated JOIN tls_device USING (device) WHERE outdated_current
	UNION ALL SELECT 11, 'weak cipher suite', device, vendor
	FROM validated JOIN tls_device USING (device) WHERE weak
)
SELECT step, count(DISTINCT device) AS devices,
	CASE WHEN place > 3 THEN count(DISTINCT vendor) END AS vendors,
	CASE WHEN place > 4 THEN
		round(count(DISTINCT device) / nullif((SELECT count(*) FROM validated), 0), 6)
	END AS share_of_validated
FROM step
GROUP BY place, step
ORDER BY place;
