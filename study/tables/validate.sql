-- The four methods of the paper's section 5.2, for one way of standardising.
-- What is compared is folded (words.sql).

CREATE OR REPLACE TEMP TABLE vendor_device AS
SELECT device, vendor,
	count(*) OVER (PARTITION BY vendor) AS of_vendor
FROM standard
WHERE method = getvariable('standard');

-- Every domain of every device, once with guessed names and once without.
CREATE OR REPLACE TEMP TABLE named AS
SELECT device, vendor, of_vendor, domain, certain
FROM vendor_device JOIN device_domain USING (device)
	JOIN (SELECT unnest([false, true]) AS certain)
	ON NOT (certain AND guessed);

-- The domain that most of a vendor's devices contacted, if more than half did.
-- Where devices have withheld contacts (hidden, of a release), another domain may
-- have been contacted by as many more: then it is the common one only if that
-- would change nothing; and it is open whether there is any where one could have
-- been contacted by more than half.
CREATE OR REPLACE TEMP TABLE common_domain AS
WITH counted AS (
	SELECT vendor, certain, domain, count(*) AS devices,
		row_number() OVER (PARTITION BY vendor, certain
			ORDER BY count(*) DESC, domain) AS place
	FROM named
	WHERE domain <> 'ntp.org' AND of_vendor >= 10
	GROUP BY vendor, certain, domain
), sized AS (
	SELECT vendor, of_vendor, count(withheld_contact.device) AS hidden
	FROM vendor_device LEFT JOIN withheld_contact USING (device)
	WHERE of_vendor >= 10
	GROUP BY vendor, of_vendor
), best AS (
	SELECT vendor, certain, of_vendor, hidden,
		any_value(domain) FILTER (place = 1) AS domain,
		coalesce(any_value(devices) FILTER (place = 1), 0) AS first,
		coalesce(any_value(devices) FILTER (place = 2), 0) AS second
	FROM sized CROSS JOIN (SELECT unnest([false, true]) AS certain)
		LEFT JOIN counted USING (vendor, certain)
	GROUP BY vendor, certain, of_vendor, hidden
), judged AS (
	SELECT *, 2 * first > of_vendor
		AND (hidden = 0 OR first > second + hidden) AS is_certain
	FROM best
)
SELECT vendor, certain, CASE WHEN is_certain THEN domain END AS domain,
	hidden > 0 AND NOT is_certain
		AND 2 * (first + hidden) > of_vendor AS is_open
FROM judged;

-- What each device's domains say, with guessed names and without.
CREATE OR REPLACE TEMP TABLE domain_verdict AS
WITH told AS (
	SELECT device, certain, true AS has_domain,
		bool_or(named.domain <> 'ntp.org') AS has_other,
		bool_or(coalesce(named.domain = common_domain.domain, false))
			AS is_common,
		bool_or(squeezed(vendor) <> ''
			AND contains(squeezed(named.domain), squeezed(vendor)))
			AS is_vendor
	FROM named LEFT JOIN common_domain USING (vendor, certain)
	GROUP BY device, certain
), asked_of AS (
	SELECT v.device, way.certain, of_vendor, w.device IS NOT NULL AS is_hidden,
		coalesce(has_domain, false) AS has_domain,
		coalesce(has_other, false) AS has_other, is_common, is_vendor,
		coalesce(is_open, false) AS is_open,
		c.domain IS NOT NULL AS has_common
	FROM vendor_device v
		CROSS JOIN (SELECT unnest([false, true]) AS certain) way
		LEFT JOIN told t ON t.device = v.device AND t.certain = way.certain
		LEFT JOIN common_domain c
			ON c.vendor = v.vendor AND c.certain = way.certain
		LEFT JOIN withheld_contact w ON w.device = v.device
)
SELECT device, certain,
	CASE WHEN of_vendor < 10 THEN 'no_data'
	WHEN is_common THEN 'validated'
	WHEN is_open AND (has_other OR is_hidden) THEN 'withheld'
	WHEN is_hidden AND (has_common OR NOT has_other) THEN 'withheld'
	WHEN has_other THEN 'not_validated' ELSE 'no_data' END AS by_common,
	CASE WHEN is_vendor THEN 'validated' WHEN is_hidden THEN 'withheld'
	WHEN has_domain THEN 'not_validated' ELSE 'no_data' END AS by_vendor
FROM asked_of;

CREATE OR REPLACE TEMP TABLE reply_verdict AS
SELECT device, bool_or(worded(vendor) <> ''
	AND contains(worded(text), worded(vendor))) AS is_vendor
FROM vendor_device JOIN clues USING (device)
WHERE kind LIKE 'mdns\_%' ESCAPE '\' OR kind LIKE 'ssdp\_%' ESCAPE '\'
	OR kind LIKE 'upnp\_%' ESCAPE '\'
GROUP BY device;

DELETE FROM validation WHERE standard = getvariable('standard');

INSERT INTO validation BY NAME
SELECT device, method, getvariable('standard') AS standard,
	any_value(outcome) FILTER (NOT certain) AS outcome,
	any_value(outcome) FILTER (certain) AS outcome_certain
FROM (
	SELECT device, certain, 'domain_common' AS method, by_common AS outcome
	FROM domain_verdict
	UNION ALL SELECT device, certain, 'domain_vendor', by_vendor
	FROM domain_verdict
)
WHERE NOT lacks('domains')
GROUP BY device, method;

INSERT INTO validation BY NAME
SELECT device, 'discovery' AS method,
	CASE WHEN is_vendor THEN 'validated'
	WHEN reply_verdict.device IS NOT NULL THEN 'not_validated'
	ELSE 'no_data' END AS outcome,
	getvariable('standard') AS standard, outcome AS outcome_certain
FROM vendor_device LEFT JOIN reply_verdict USING (device)
WHERE NOT lacks('clues');

INSERT INTO validation BY NAME
SELECT device, 'oui' AS method,
	CASE WHEN coalesce(manufacturer, '') = '' THEN 'no_data'
	WHEN worded(vendor) <> ''
		AND contains(worded(manufacturer), worded(vendor)) THEN 'validated'
	ELSE 'not_validated' END AS outcome,
	getvariable('standard') AS standard, outcome AS outcome_certain
FROM vendor_device JOIN devices USING (device)
WHERE NOT lacks('oui');
