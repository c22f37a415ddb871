-- Title: What withheld contacts leave open
-- About: This source withholds some contacts, so that some figures of other
--   tables are not told exactly. For each, the least that it can be, which is
--   what the table has, and the most: if each withheld contact were of whatever
--   kind makes the figure largest. Of table 1 each outcome; figures of validated
--   devices are of those that are validated whatever was withheld.
-- Needs: labels, validation
-- Only: withheld
WITH verdict AS (
	SELECT device, method, outcome FROM outcome
), possible AS (
	SELECT device, count(*) FILTER (outcome = 'validated') AS least,
		count(*) FILTER (outcome IN ('validated', 'withheld')) AS most
	FROM standardised LEFT JOIN verdict USING (device)
	GROUP BY device
), hidden AS (
	SELECT device, vendor, w.device IS NOT NULL AS any_port,
		coalesce(w.plaintext, false) AS port_80,
		t.device IS NOT NULL AS tracker, coalesce(p.other, false) AS other,
		coalesce(p.tracker, false) AS plain_tracker
	FROM validated LEFT JOIN withheld_contact w USING (device)
		LEFT JOIN tracker_contact t USING (device)
		LEFT JOIN plain_contact p USING (device)
), bound(place, "table", "row", figure, least, most) AS (
	SELECT 1, 'table1', method, name,
		avg((outcome = name)::INTEGER),
		avg((outcome IN (name, 'withheld'))::INTEGER)
	FROM verdict CROSS JOIN (SELECT unnest(['validated', 'not_validated',
		'no_data']) AS name)
	GROUP BY method, name
	UNION ALL SELECT 2, 'agreement', at_least::VARCHAR, 'share',
		avg((least >= at_least)::INTEGER), avg((most >= at_least)::INTEGER)
	FROM possible CROSS JOIN (SELECT unnest([1, 2, 3, 4]) AS at_least)
	WHERE at_least <= (SELECT count(DISTINCT method) FROM outcome)
	GROUP BY at_least
	UNION ALL SELECT 3, 'population', 'validated', 'devices',
		count(*) FILTER (least > 0), count(*) FILTER (most > 0)
	FROM possible
	UNION ALL SELECT 3, 'population', 'to a tracker', 'devices',
		count(*) FILTER (tracker), count(*) FILTER (tracker OR any_port)
	FROM hidden
	UNION ALL SELECT 4, 'table4', vendor, 'to_non_trackers',
		avg(other::INTEGER), avg((other OR port_80)::INTEGER)
	FROM hidden GROUP BY vendor
	HAVING count(*) >= asked('min_devices')::BIGINT
	UNION ALL SELECT 4, 'table4', vendor, 'to_trackers',
		avg(plain_tracker::INTEGER),
		avg((plain_tracker OR port_80)::INTEGER)
	FROM hidden GROUP BY vendor
	HAVING count(*) >= asked('min_devices')::BIGINT
	UNION ALL SELECT 5, 'tracking', vendor, 'to_trackers',
		avg(tracker::INTEGER), avg((tracker OR any_port)::INTEGER)
	FROM hidden GROUP BY vendor
	UNION ALL SELECT 6, 'platforms', platform, 'devices',
		count(*) FILTER (met), count(*) FILTER (met OR any_port)
	FROM (SELECT platform, device, any_port,
			c.device IS NOT NULL AS met
		FROM hidden CROSS JOIN (SELECT DISTINCT platform FROM platform_contact)
		LEFT JOIN platform_contact c USING (device, platform))
	GROUP BY platform
)
SELECT "table", "row", figure, round(least, 6) AS least,
	round(most, 6) AS most
FROM bound
ORDER BY place, "table", "row", figure;
