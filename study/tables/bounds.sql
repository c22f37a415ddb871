-- Title: What withheld contacts leave open
-- About: This source withholds some contacts, so that some figures of other
--   tables are not told exactly. For each, the least that it can be, which is
--   what the table has, and the most: if each withheld contact were of whatever
--   kind makes the figure largest. Of table 1 each outcome. Numbers of validated
--   devices go up to all that may be; shares of a vendor's validated devices are
--   of those that are validated whatever was withheld.
-- Needs: labels, validation
-- Only: withheld
WITH possible AS (
	SELECT device, vendor,
		count(*) FILTER (outcome = 'validated') AS least,
		count(*) FILTER (outcome IN ('validated', 'withheld')) AS most,
		count(*) FILTER (outcome_certain = 'validated') AS least_certain,
		count(*) FILTER (outcome_certain IN ('validated', 'withheld'))
			AS most_certain
	FROM standardised LEFT JOIN outcome USING (device)
	GROUP BY device, vendor
), hidden AS (
	SELECT possible.*, least > 0 AS is_validated,
		w.device IS NOT NULL AS any_port,
		coalesce(w.plaintext, false) AS port_80,
		t.device IS NOT NULL AS tracker,
		coalesce(t.certain, false) AS tracker_certain,
		p.device IS NOT NULL AS plain,
		coalesce(p.other, false) AS plain_other,
		coalesce(p.tracker, false) AS plain_tracker,
		coalesce(p.other_certain, false) AS plain_other_certain,
		coalesce(p.tracker_certain, false) AS plain_tracker_certain,
		h.device IS NOT NULL AS hello, outdated_paper, outdated_current,
		weak_paper, weak_current
	FROM possible LEFT JOIN withheld_contact w USING (device)
		LEFT JOIN tracker_contact t USING (device)
		LEFT JOIN plain_contact p USING (device)
		LEFT JOIN tls_device h USING (device)
	WHERE most > 0
), step AS (
	SELECT is_validated, unnest([
		{'step': 'validated', 'need': '', 'is_so': true,
			'may_be': true},
		{'step': 'validated, certain', 'need': '',
			'is_so': least_certain > 0, 'may_be': most_certain > 0},
		{'step': 'plaintext', 'need': '', 'is_so': plain,
			'may_be': plain},
		{'step': 'to a tracker', 'need': '', 'is_so': tracker,
			'may_be': tracker OR any_port},
		{'step': 'to a tracker, certain', 'need': '',
			'is_so': tracker_certain,
			'may_be': tracker_certain OR any_port},
		{'step': 'valid hello', 'need': 'hellos', 'is_so': hello,
			'may_be': hello},
		{'step': 'outdated TLS (paper)', 'need': 'hellos',
			'is_so': outdated_paper, 'may_be': outdated_paper},
		{'step': 'outdated TLS (current)', 'need': 'hellos',
			'is_so': outdated_current, 'may_be': outdated_current},
		{'step': 'weak cipher suite (paper)',
			'need': 'hellos, suites', 'is_so': weak_paper,
			'may_be': weak_paper},
		{'step': 'weak cipher suite (current)',
			'need': 'hellos, suites', 'is_so': weak_current,
			'may_be': weak_current}
	], recursive := true)
	FROM hidden
), did AS (
	SELECT vendor, unnest([
		{'place': 4, 'sheet': 'table4', 'figure': 'to_non_trackers',
			'is_so': plain_other, 'may_be': plain_other OR port_80},
		{'place': 4, 'sheet': 'table4', 'figure': 'to_trackers',
			'is_so': plain_tracker,
			'may_be': plain_tracker OR port_80},
		{'place': 4, 'sheet': 'table4',
			'figure': 'to_non_trackers_certain',
			'is_so': plain_other_certain,
			'may_be': plain_other_certain OR port_80},
		{'place': 4, 'sheet': 'table4', 'figure': 'to_trackers_certain',
			'is_so': plain_tracker_certain,
			'may_be': plain_tracker_certain OR port_80},
		{'place': 5, 'sheet': 'tracking', 'figure': 'to_trackers',
			'is_so': tracker, 'may_be': tracker OR any_port},
		{'place': 5, 'sheet': 'tracking',
			'figure': 'to_trackers_certain',
			'is_so': tracker_certain,
			'may_be': tracker_certain OR any_port}
	], recursive := true)
	FROM hidden
	WHERE is_validated
), controlled AS (
	SELECT platform, is_validated, any_port, unnest([
		{'figure': 'devices', 'is_so': c.device IS NOT NULL},
		{'figure': 'devices_certain', 'is_so': coalesce(certain, false)}
	], recursive := true)
	FROM hidden
		CROSS JOIN (SELECT DISTINCT platform FROM platform_contact)
		LEFT JOIN platform_contact c USING (device, platform)
), bound(place, "table", "row", figure, least, most) AS (
	SELECT 1, sheet, method, name, avg((verdict = name)::INTEGER),
		avg((verdict IN (name, 'withheld'))::INTEGER)
	FROM (
		SELECT 'table1' AS sheet, method, outcome AS verdict FROM outcome
		UNION ALL SELECT 'table1_certain', method, outcome_certain
		FROM outcome
	) CROSS JOIN (SELECT unnest(['validated', 'not_validated', 'no_data'])
		AS name)
	GROUP BY sheet, method, name
	UNION ALL SELECT 2, 'agreement', at_least::VARCHAR, figure,
		avg((CASE figure WHEN 'share' THEN least ELSE least_certain END
			>= at_least)::INTEGER),
		avg((CASE figure WHEN 'share' THEN most ELSE most_certain END
			>= at_least)::INTEGER)
	FROM possible CROSS JOIN (SELECT unnest([1, 2, 3, 4]) AS at_least)
		CROSS JOIN (SELECT unnest(['share', 'share_certain']) AS figure)
	WHERE at_least <= (SELECT count(DISTINCT method) FROM outcome)
	GROUP BY at_least, figure
	UNION ALL SELECT 3, 'population', step, 'devices',
		count(*) FILTER (is_validated AND is_so),
		count(*) FILTER (may_be)
	FROM step
	WHERE NOT lacks(need)
	GROUP BY step
	UNION ALL SELECT place, sheet, vendor, figure,
		avg(is_so::INTEGER), avg(may_be::INTEGER)
	FROM did
	GROUP BY place, sheet, vendor, figure
	HAVING sheet <> 'table4'
		OR count(*) >= asked('min_devices')::BIGINT
	UNION ALL SELECT 6, 'platforms', platform, figure,
		count(*) FILTER (is_validated AND is_so),
		count(*) FILTER (is_so OR any_port)
	FROM controlled
	GROUP BY platform, figure
)
SELECT "table", "row", figure, round(least, 6) AS least,
	round(most, 6) AS most
FROM bound
ORDER BY place, "table", "row", figure;
