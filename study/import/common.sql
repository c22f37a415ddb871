-- What all sources are made into. Texts of others are looked at only here.

CREATE OR REPLACE TEMP MACRO host_of(text) AS
	CASE WHEN regexp_full_match(rtrim(lower(text), '.?'),
		'[a-z0-9_-]+(\.[a-z0-9_-]+)*') AND length(text) <= 255
	THEN rtrim(lower(text), '.?') END;
CREATE OR REPLACE TEMP MACRO oui_of(text) AS
	CASE WHEN regexp_full_match(left(replace(replace(lower(text), ':', ''), '-', ''), 6),
		'[0-9a-f]{6}')
	THEN left(replace(replace(lower(text), ':', ''), '-', ''), 6) END;
CREATE OR REPLACE TEMP MACRO protocol_of(text) AS
	CASE lower(text) WHEN 'tcp' THEN 6 WHEN 'udp' THEN 17
	ELSE try_cast(text AS UTINYINT) END;
-- What the end of a window, and a time in milliseconds, may be.
CREATE OR REPLACE TEMP MACRO is_end(s) AS
	coalesce(s BETWEEN 5 AND 2147483640, false);
CREATE OR REPLACE TEMP MACRO ms_of(ms) AS
	CASE WHEN ms BETWEEN 0 AND 2147483640000 THEN ms END;
-- The highest version that a hello offers: of those that TLS has, so that
-- neither GREASE nor a draft counts.
CREATE OR REPLACE TEMP MACRO highest_of(version, supported) AS
	coalesce(list_max(list_filter(
		list_transform(string_split(supported, '+'), lambda v: try_cast(v AS INTEGER)),
		lambda v: v BETWEEN 768 AND 772)), version);

CREATE OR REPLACE TEMP TABLE left_out(file VARCHAR, why VARCHAR, rows BIGINT);
-- What the source lacks that its kind and its files do not tell (study/fleet.h).
CREATE OR REPLACE TEMP TABLE also_lacks(word VARCHAR);

-- Filled by each source: who is who, and what it did.
CREATE OR REPLACE TEMP TABLE owner("user" INTEGER, account VARCHAR);
CREATE OR REPLACE TEMP TABLE thing(device INTEGER, account VARCHAR, id VARCHAR);
CREATE OR REPLACE TEMP TABLE named_flow(device INTEGER, "end" INTEGER,
	first_ms BIGINT, addr VARCHAR, host VARCHAR, inferred BOOLEAN,
	protocol UTINYINT, remote_port USMALLINT, device_port USMALLINT,
	in_bytes BIGINT, out_bytes BIGINT, in_packets BIGINT,
	out_packets BIGINT, local BOOLEAN);
CREATE OR REPLACE TEMP TABLE named_hello(device INTEGER, time_ms BIGINT,
	addr VARCHAR, host VARCHAR, inferred BOOLEAN, remote_port USMALLINT,
	version USMALLINT, cipher_suites VARCHAR, ja3 VARCHAR, ja4 VARCHAR);
