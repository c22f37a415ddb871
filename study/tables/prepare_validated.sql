-- The devices that a report is about, by the way of standardising it was asked
-- for, and what they did with TLS.

CREATE OR REPLACE TABLE standardised AS
SELECT device, "user", vendor, name
FROM standard JOIN devices USING (device)
WHERE method = asked('standard');

CREATE OR REPLACE TABLE method(place, method) AS
VALUES (1, 'domain_common'), (2, 'domain_vendor'), (3, 'discovery'),
	(4, 'oui');

CREATE OR REPLACE TABLE outcome AS
SELECT device, method, outcome, outcome_certain
FROM validation
WHERE standard = asked('standard');

CREATE OR REPLACE TABLE validated AS
SELECT *
FROM standardised SEMI JOIN (FROM outcome WHERE outcome = 'validated')
	USING (device);

-- certain: by a name that was not guessed.
CREATE OR REPLACE TABLE tracker_contact AS
SELECT device, bool_or(NOT guessed) AS certain
FROM contact JOIN place USING (endpoint)
WHERE tracker
GROUP BY device;

-- One that is withheld is neither a tracker nor another.
CREATE OR REPLACE TABLE plain_contact AS
SELECT device, bool_or(tracker IS NOT true AND NOT withheld) AS other,
	bool_or(tracker IS true) AS tracker,
	bool_or((tracker IS NOT true OR guessed) AND NOT withheld)
		AS other_certain,
	bool_or(tracker IS true AND NOT guessed) AS tracker_certain
FROM contact JOIN place USING (endpoint)
WHERE plaintext
GROUP BY device;

CREATE OR REPLACE TABLE platform_contact AS
SELECT device, platform, bool_or(NOT guessed) AS certain
FROM device_domain JOIN platform USING (domain)
GROUP BY device, platform;

-- SSL 3.0 is 768, TLS 1.0 769, 1.1 770, 1.2 771, 1.3 772. A hello that offers
-- none of them, or whose version is not known, is not valid.
CREATE OR REPLACE TABLE valid_hello AS
SELECT DISTINCT device, version, cipher_suites, ja4
FROM hellos
WHERE version BETWEEN 768 AND 772;

-- Few hellos offer what no other does.
CREATE OR REPLACE TABLE offered AS
SELECT cipher_suites, list_has_any(string_split(cipher_suites, '+'),
		(SELECT list(code) FROM weak_suite WHERE by_paper))
		AS weak_paper,
	list_has_any(string_split(cipher_suites, '+'),
		(SELECT list(code) FROM weak_suite)) AS weak_current
FROM (SELECT DISTINCT cipher_suites FROM valid_hello);

CREATE OR REPLACE TABLE tls_device AS
SELECT device, bool_or(version <= 769) AS outdated_paper,
	bool_or(version <= 770) AS outdated_current,
	bool_or(weak_paper) AS weak_paper,
	bool_or(weak_current) AS weak_current
FROM valid_hello LEFT JOIN offered USING (cipher_suites)
GROUP BY device;
