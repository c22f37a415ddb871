-- Twenty devices of six homes, few enough to work every table out by hand; the
-- results worked out are in fixture/. Who is who:
--   1-8   Belkin switches; 8's address has a guessed name
--   9     a Belkin switch seen at ntp.org alone
--   10    labelled Belkin, but a Samsung phone's traffic
--   11    a Belkin camera whose endpoint has no name
--   12-13 Philips Hue     15 Wyze: amazonaws
--   14    Orvibo: wiwo.orvibo.com; a tracker by a guessed name, in plaintext
--   16    labelled Amazon, but Wyze: amazonaws too       17 TP-Link, Tuya by a guess
--   18    a computer      19 not labelled     20 discovered, never monitored
INSERT INTO users VALUES (1, 'a1', -300), (2, 'a2', -420), (3, 'a3', 60),
	(4, 'a4', 330), (5, 'a5', NULL), (6, 'a6', 0);
INSERT INTO devices
SELECT device, 'd' || device,
	CASE WHEN device IN (9, 15) THEN 2 WHEN device IN (10, 11, 13, 14) THEN 3
	WHEN device IN (17, 18) THEN 4 WHEN device = 19 THEN 5
	WHEN device = 20 THEN 6 ELSE 1 END,
	'00000' || device % 10,
	CASE WHEN device <= 7 OR device = 11 THEN 'Belkin International Inc.'
	WHEN device = 9 THEN 'Espressif Inc.'
	WHEN device = 10 THEN 'Samsung Electronics Co.,Ltd'
	WHEN device IN (12, 13) THEN 'Philips Lighting BV'
	WHEN device = 14 THEN 'Hi-flying electronics technology Co.,Ltd'
	WHEN device = 15 THEN 'Wyze Labs Inc'
	WHEN device = 17 THEN 'TP-LINK TECHNOLOGIES CO.,LTD.' END
FROM range(1, 21) AS n(device);
INSERT INTO labels
SELECT device, 'Smart Switch', 'switch', 'Belkin' FROM range(1, 11) AS n(device);
INSERT INTO labels VALUES (11, 'Netcam', 'Netcam', 'belkin '),
	(12, 'hue', 'hue', 'Philips'), (13, 'Hue', 'hue', 'philips'),
	(14, 'switch', 'switch', 'Orvibo'), (15, 'camera', 'camera', 'Wyze'),
	(16, 'camera', 'camera', 'Amazon'), (17, 'switch', 'switch', 'TP Link'),
	(18, 'computer', 'computer', 'HP');
INSERT INTO standard
SELECT device, 'paper', 'belkin', 'switch' FROM range(1, 11) AS n(device);
INSERT INTO standard VALUES (11, 'paper', 'belkin', 'netcam'),
	(12, 'paper', 'philips', 'hue'), (13, 'paper', 'philips', 'hue'),
	(14, 'paper', 'orvibo', 'switch'), (15, 'paper', 'wyze', 'camera'),
	(16, 'paper', 'amazon', 'camera'), (17, 'paper', 'tp-link', 'switch');
INSERT INTO clues VALUES
	(1, 'ssdp_server', 'Unspecified, UPnP/1.0, Unspecified'),
	(1, 'upnp_manufacturer', 'Belkin International Inc.'),
	(2, 'upnp_manufacturer', 'Belkin International Inc.'),
	(9, 'dhcp_hostname', 'belkin-wemo'),
	(10, 'mdns_service', '_googlecast._tcp'),
	(12, 'mdns_instance', 'Philips Hue - 1A2B3C'),
	(13, 'ssdp_server', 'Linux/3.14.0 UPnP/1.0 IpBridge/1.46'),
	(17, 'upnp_friendly_name', 'TP-LINK Smart Plug');
INSERT INTO endpoints VALUES
	(1, '192.0.2.1', 'nat.xbcs.net', false, 'xbcs.net', 'US', false),
	(2, '192.0.2.2', 'nat.xbcs.net', true, 'xbcs.net', 'US', false),
	(3, '192.0.2.3', 'ad.doubleclick.net', false, 'doubleclick.net', 'US',
		true),
	(4, '192.0.2.4', '0.pool.ntp.org', false, 'ntp.org', 'SE', false),
	(5, '192.0.2.5', 'play.googleapis.com', false, 'googleapis.com', 'US',
		false),
	(6, '192.0.2.6', NULL, NULL, NULL, 'CN', NULL),
	(7, '192.0.2.7', 'www.philips.com', false, 'philips.com', 'NL', false),
	(8, '192.0.2.8', 'ws.meethue.com', false, 'meethue.com', 'US', false),
	(9, '192.0.2.9', 'wiwo.orvibo.com', false, 'orvibo.com', 'CN', false),
	(10, '192.0.2.10', 's3.eu-west-1.amazonaws.com', false, 'amazonaws.com',
		'IE', false),
	(11, '192.0.2.11', 's3.us-west-2.amazonaws.com', false, 'amazonaws.com',
		'US', false),
	(12, '192.0.2.12', 'use1-api.tplinkcloud.com', false, 'tplinkcloud.com',
		'US', false),
	(13, '192.0.2.13', 'a1.tuyaus.com', false, 'tuyaus.com', 'US', false),
	(14, '192.0.2.14', 'm1.tuyaeu.com', true, 'tuyaeu.com', 'DE', false),
	(15, '192.168.0.1', NULL, NULL, NULL, NULL, NULL),
	(16, '192.0.2.16', 'ad.doubleclick.net', true, 'doubleclick.net', 'US',
		true);
-- 2019-04-10 is from 1554854400 to 1554940800; one flow a row of (device,
-- endpoint, port), then more windows for those that are told to last.
INSERT INTO flows
SELECT device, ends, ends * 1000::BIGINT - 4000, endpoint, 6, port, 40000 + device,
	1000, 500, 10, 8, endpoint = 15
FROM (VALUES
	(1, 1554854405, 1, 80), (1, 1554940800, 1, 443),
	(1, 1555027205, 1, 443), (2, 1554854405, 1, 443),
	(2, 1554854405, 3, 80), (3, 1554854405, 1, 80),
	(3, 1554854405, 3, 80), (4, 1554854405, 1, 443),
	(4, 1554854405, 15, 80), (5, 1554854405, 1, 443),
	(6, 1554854405, 1, 443), (7, 1554854405, 1, 443),
	(8, 1554854405, 2, 443), (9, 1554854405, 4, 123),
	(10, 1555027205, 5, 443), (11, 1555027205, 6, 443),
	(12, 1554854405, 7, 80), (12, 1554854405, 8, 443),
	(13, 1555027205, 8, 443), (14, 1555027205, 9, 443),
	(14, 1555027205, 16, 80),
	(15, 1554854405, 10, 443), (15, 1554854405, 13, 443),
	(16, 1554854405, 11, 443), (16, 1554854405, 3, 443),
	(17, 1555027205, 12, 443), (17, 1555027205, 14, 443),
	(18, 1555027205, 5, 443), (19, 1555027205, 5, 443)
) AS flow(device, ends, endpoint, port);
-- User 2 for 6 minutes, user 4 for 20.
INSERT INTO flows
SELECT device, ends, ends * 1000::BIGINT - 4000, endpoint, 6, 443, 40000 + device,
	1000, 500, 10, 8, false
FROM (SELECT 15 AS device, 10 AS endpoint,
		unnest(range(1554854410, 1554854765, 5))::INTEGER AS ends
	UNION ALL SELECT 17, 12,
		unnest(range(1555027210, 1555028405, 5))::INTEGER);
INSERT INTO hellos VALUES
	(1, 1554854404000, 1, 443, 769, '4+5', 'j1', 't10d020000_one_one'),
	(2, 1554854404000, 1, 443, 771, '49199', 'j2', 't12d010000_two_two'),
	(6, 1554854404000, 1, 443, 770, '49199+10', 'j3', 't11d020000_six_six'),
	(10, 1555027204000, 5, 443, 768, '4', 'j4', 't13d010000_all_all'),
	(15, 1554854404000, 10, 443, 772, '4865', 'j5', 't13d010000_all_all'),
	(16, 1554854404000, 11, 443, 772, '4865', 'j5', 't13d010000_all_all'),
	-- no version there is: not valid, and so in no table
	(3, 1554854404000, 1, 443, 2, '4', 'j6', 't13d010000_all_all'),
	(4, 1554854404000, 1, 443, NULL, '4', 'j6', 't13d010000_all_all'),
	(15, 1554854404000, 10, 443, 65535, '4', 'j6', 't13d010000_all_all');
INSERT INTO views VALUES (1, 'default', 7200), (2, 'default', 1800),
	(1, 'ads/trackers', 3600);
INSERT INTO truth
SELECT device, lower(category), lower(category),
	CASE device WHEN 10 THEN 'samsung' WHEN 16 THEN 'wyze'
	ELSE lower(trim(vendor)) END, device = 18
FROM labels;
