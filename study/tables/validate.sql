-- The four methods of the paper's section 5.2, for one way of standardising.
-- What is compared is folded (words.sql).

CREATE OR REPLACE TEMP MACRO verdict(has_data, is_valid) AS
	CASE WHEN NOT coalesce(has_data, false) THEN 'no_data'
	WHEN is_valid THEN 'validated' ELSE 'not_validated' END;

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

CREATE OR REPLACE TEMP TABLE common_domain AS
SELECT vendor, certain, domain
FROM named
WHERE domain <> 'ntp.org' AND of_vendor >= 10
GROUP BY vendor, certain, domain, of_vendor
QUALIFY row_number() OVER (PARTITION BY vendor, certain
	ORDER BY count(*) DESC, domain) = 1
	AND 2 * count(*) > of_vendor;

CREATE OR REPLACE TEMP TABLE domain_verdict AS
SELECT device, certain,
	bool_or(named.domain <> 'ntp.org' AND of_vendor >= 10) AS has_common,
	bool_or(named.domain = common_domain.domain) AS is_common,
	bool_or(squeezed(vendor) <> ''
		AND contains(squeezed(named.domain), squeezed(vendor))) AS is_vendor
FROM named LEFT JOIN common_domain USING (vendor, certain)
GROUP BY device, certain;

CREATE OR REPLACE TEMP TABLE reply_verdict AS
SELECT device, bool_or(worded(vendor) <> ''
	AND contains(worded(text), worded(vendor))) AS is_vendor
FROM vendor_device JOIN clues USING (device)
WHERE kind LIKE 'mdns\_%' ESCAPE '\' OR kind LIKE 'ssdp\_%' ESCAPE '\'
	OR kind LIKE 'upnp\_%' ESCAPE '\'
GROUP BY device;

DELETE FROM validation WHERE standard = getvariable('standard');

INSERT INTO validation BY NAME
SELECT vendor_device.device, 'domain_common' AS method,
	verdict(every.has_common, every.is_common) AS outcome,
	getvariable('standard') AS standard,
	verdict(sure.has_common, sure.is_common) AS outcome_certain
FROM vendor_device
LEFT JOIN domain_verdict AS every
	ON every.device = vendor_device.device AND NOT every.certain
LEFT JOIN domain_verdict AS sure
	ON sure.device = vendor_device.device AND sure.certain
WHERE NOT lacks('domains') AND NOT lacks('withheld');

INSERT INTO validation BY NAME
SELECT vendor_device.device, 'domain_vendor' AS method,
	verdict(every.device IS NOT NULL, every.is_vendor) AS outcome,
	getvariable('standard') AS standard,
	verdict(sure.device IS NOT NULL, sure.is_vendor) AS outcome_certain
FROM vendor_device
LEFT JOIN domain_verdict AS every
	ON every.device = vendor_device.device AND NOT every.certain
LEFT JOIN domain_verdict AS sure
	ON sure.device = vendor_device.device AND sure.certain
WHERE NOT lacks('domains') AND NOT lacks('withheld');

INSERT INTO validation BY NAME
SELECT device, 'discovery' AS method,
	verdict(reply_verdict.device IS NOT NULL, is_vendor) AS outcome,
	getvariable('standard') AS standard, outcome AS outcome_certain
FROM vendor_device LEFT JOIN reply_verdict USING (device)
WHERE NOT lacks('clues');

INSERT INTO validation BY NAME
SELECT device, 'oui' AS method,
	verdict(manufacturer <> '', worded(vendor) <> ''
		AND contains(worded(manufacturer), worded(vendor))) AS outcome,
	getvariable('standard') AS standard, outcome AS outcome_certain
FROM vendor_device JOIN devices USING (device)
WHERE NOT lacks('oui');
