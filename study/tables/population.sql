-- Title: Devices in each step, and what they did
-- About: From all discovered devices to the validated ones, then what the
--   validated devices did. A device is labelled when it had traffic and has a
--   name, a category and a vendor. Shares are of the validated devices. Certain
--   leaves out names that were guessed. A step that the source lacks the inputs
--   of is left out: one without users has only devices with a label or traffic,
--   and does not tell what was discovered.
-- Needs: labels, flows
-- Withheld: a device that a method would validate by a withheld contact is not
--   counted as validated, nor one that has a tracker among them as having met
--   one: the numbers are the least, shares are of those that are validated.
-- Shares: share_of_validated
WITH step(place, step, need) AS (
	VALUES (1, 'discovered', 'users'), (2, 'monitored', ''),
		(3, 'labelled', ''), (4, 'standardised', ''),
		(5, 'validated', 'validation'),
		(6, 'validated, certain', 'validation'),
		(7, 'plaintext', 'validation'),
		(8, 'to a tracker', 'domains, validation'),
		(9, 'to a tracker, certain', 'domains, validation'),
		(10, 'valid hello', 'hellos, validation'),
		(11, 'outdated TLS (paper)', 'hellos, validation'),
		(12, 'outdated TLS (current)', 'hellos, validation'),
		(13, 'weak cipher suite (paper)', 'hellos, suites, validation'),
		(14, 'weak cipher suite (current)', 'hellos, suites, validation')
), tls AS (
	FROM validated JOIN tls_device USING (device)
), member(place, device, vendor) AS (
	SELECT 1, device, NULL FROM devices
	UNION ALL SELECT 2, device, NULL FROM monitored
	UNION ALL SELECT 3, device, NULL FROM labelled
	UNION ALL SELECT 4, device, vendor FROM standardised
	UNION ALL SELECT 5, device, vendor FROM validated
	UNION ALL SELECT 6, device, vendor
	FROM validated SEMI JOIN (FROM outcome
		WHERE outcome_certain = 'validated') USING (device)
	UNION ALL SELECT 7, device, vendor
	FROM validated SEMI JOIN (FROM contact WHERE plaintext) USING (device)
	UNION ALL SELECT 8, device, vendor
	FROM validated SEMI JOIN tracker_contact USING (device)
	UNION ALL SELECT 9, device, vendor
	FROM validated SEMI JOIN (FROM tracker_contact WHERE certain)
		USING (device)
	UNION ALL SELECT 10, device, vendor FROM tls
	UNION ALL SELECT 11, device, vendor FROM tls WHERE outdated_paper
	UNION ALL SELECT 12, device, vendor FROM tls WHERE outdated_current
	UNION ALL SELECT 13, device, vendor FROM tls WHERE weak_paper
	UNION ALL SELECT 14, device, vendor FROM tls WHERE weak_current
)
SELECT step, count(DISTINCT device) AS devices,
	CASE WHEN place > 3 THEN count(DISTINCT vendor) END AS vendors,
	CASE WHEN place > 4 THEN
		round(count(DISTINCT device)
			/ nullif((SELECT count(*) FROM validated), 0), 6)
	END AS share_of_validated
FROM step LEFT JOIN member USING (place)
WHERE NOT lacks(need)
GROUP BY place, step
ORDER BY place;
