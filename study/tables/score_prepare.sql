-- What each validator, and any combination of them, made of each standardised
-- device whose true vendor is known; added up for each household, so that
-- households can be drawn anew.

CREATE OR REPLACE TABLE score_method AS
SELECT standard, method, bit
FROM (SELECT DISTINCT standard, method FROM validation
	WHERE NOT (lacks('withheld') AND starts_with(method, 'domain')))
JOIN (VALUES ('domain_common', 1), ('domain_vendor', 2), ('discovery', 4),
	('oui', 8)) AS bits(method, bit) USING (method);

-- A validator is some methods (mask) and how many of them must agree.
CREATE OR REPLACE TABLE score_validator AS
WITH mask AS (
	SELECT unnest(range(1, 16)) AS mask
), combined AS (
	SELECT standard, mask, count(*) AS methods,
		string_agg(method, '+' ORDER BY bit) AS validator
	FROM mask JOIN score_method ON mask & bit > 0
	GROUP BY standard, mask
	HAVING count(*) = bit_count(mask)
), ruled AS (
	SELECT standard, mask, methods, validator,
		unnest(range(1, methods + 1)) AS agreeing
	FROM combined
)
SELECT standard, mask, agreeing, validator,
	CASE WHEN methods = 1 THEN 'alone' WHEN agreeing = 1 THEN 'any'
	WHEN agreeing = methods THEN 'all'
	ELSE 'at least ' || agreeing END AS rule,
	row_number() OVER (PARTITION BY standard
		ORDER BY methods, mask, agreeing) AS place
FROM ruled;

-- A computer that is standardised is wrongly labelled: as a thing. Devices that
-- are nobody's may all be of one home.
CREATE OR REPLACE TABLE score_device AS
SELECT kind, method AS standard, device,
	coalesce("user", -1) AS household,
	NOT computer AND squeezed(standard.vendor) = squeezed(true_vendor.vendor)
		AS is_right
FROM standard JOIN devices USING (device) JOIN known_truth USING (device)
	JOIN true_vendor ON known_truth.vendor = true_vendor.typed;

-- Which methods speak for a device, and which have the data to, as bits.
CREATE OR REPLACE TABLE score_verdict AS
WITH verdict AS (
	SELECT kind, standard, household, is_right, device,
		bit_or(CASE WHEN outcome <> 'no_data' THEN bit ELSE 0 END)
			AS has_data,
		bit_or(CASE WHEN outcome = 'validated' THEN bit ELSE 0 END)
			AS is_valid
	FROM score_device JOIN validation USING (standard, device)
		JOIN score_method USING (standard, method)
	GROUP BY ALL
)
SELECT kind, standard, household, is_right, has_data, is_valid,
	count(*) AS devices
FROM verdict
GROUP BY ALL;

-- The order that households are drawn by: of what was found of them, never of
-- their numbers, which a release changes.
CREATE OR REPLACE TABLE score_order AS
WITH found AS (
	SELECT kind, standard, household,
		list((is_right, has_data, is_valid, devices)
			ORDER BY is_right, has_data, is_valid) AS found
	FROM score_verdict
	GROUP BY kind, standard, household
)
SELECT kind, standard, household,
	row_number() OVER (ORDER BY found, household) AS number
FROM found;

CREATE OR REPLACE MACRO added(devices, of_which) AS
	sum(CASE WHEN of_which THEN devices ELSE 0 END)::BIGINT;

CREATE OR REPLACE TABLE score_household AS
WITH judged AS (
	SELECT kind, standard, place, household, is_right, devices,
		bit_count(mask & has_data) >= agreeing AS has_data,
		bit_count(mask & is_valid) >= agreeing AS is_valid
	FROM score_verdict JOIN score_validator USING (standard)
)
SELECT kind, standard, place, household,
	added(devices, is_right) AS right_labels,
	added(devices, is_right AND NOT is_valid) AS right_not,
	added(devices, is_right AND has_data) AS right_data,
	added(devices, NOT is_right) AS wrong_labels,
	added(devices, NOT is_right AND is_valid) AS wrong_valid,
	added(devices, NOT is_right AND has_data) AS wrong_data
FROM judged
GROUP BY kind, standard, place, household;
