-- The devices that a report is about, by the way of standardising it was asked
-- for, and what they did with TLS.

CREATE OR REPLACE TEMP TABLE standardised AS
SELECT device, "user", vendor, name
FROM standard JOIN devices USING (device)
WHERE method = getvariable('standard');

CREATE OR REPLACE TEMP TABLE method(place, method) AS
VALUES (1, 'domain_common'), (2, 'domain_vendor'), (3, 'discovery'),
	(4, 'oui');

CREATE OR REPLACE TEMP TABLE outcome AS
SELECT device, method, outcome, outcome_certain
FROM validation
WHERE standard = getvariable('standard');

CREATE OR REPLACE TEMP TABLE validated AS
SELECT *
FROM standardised SEMI JOIN (FROM outcome WHERE outcome = 'validated')
	USING (device);

CREATE OR REPLACE TEMP TABLE tracker_contact AS
SELECT DISTINCT device
FROM contact JOIN place USING (endpoint)
WHERE tracker;

-- SSL 3.0 is 768, TLS 1.0 769, 1.1 770, 1.2 771, 1.3 772. A hello that offers
-- none of them, or whose version is not known, is not valid.
CREATE OR REPLACE TEMP TABLE valid_hello AS
SELECT DISTINCT device, version, cipher_suites, ja4
FROM hellos
WHERE version BETWEEN 768 AND 772;

-- Few hellos offer what no other does.
CREATE OR REPLACE TEMP TABLE offered AS
SELECT cipher_suites, list_has_any(string_split(cipher_suites, '+'),
		(SELECT list(code) FROM weak_suite WHERE by_paper))
		AS weak_paper,
	list_has_any(string_split(cipher_suites, '+'),
		(SELECT list(code) FROM weak_suite)) AS weak_current
FROM (SELECT DISTINCT cipher_suites FROM valid_hello);

CREATE OR REPLACE TEMP TABLE tls_device AS
SELECT device, bool_or(version <= 769) AS outdated_paper,
	bool_or(version <= 770) AS outdated_current,
	bool_or(weak_paper) AS weak_paper,
	bool_or(weak_current) AS weak_current
FROM valid_hello LEFT JOIN offered USING (cipher_suites)
GROUP BY device;
