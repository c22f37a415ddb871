-- Title: Table 4. Vendors by plaintext
-- About: Population: validated devices of vendors with at least the least
--   number of devices. Share of all the vendor's devices that contacted an
--   Internet endpoint at port 80: any, one that is not a tracker, one that is
--   (the two overlap; both empty where contacts are withheld). Ties: by the
--   bytes of the vendor.
-- Needs: labels, flows, domains, validation
-- Lists: trackers
-- Shares: any_plaintext, to_non_trackers, to_trackers
WITH plain AS (
	SELECT device, bool_or(tracker IS NOT true) AS other,
		bool_or(tracker IS true) AS tracker
	FROM contact JOIN place USING (endpoint)
	WHERE plaintext
	GROUP BY device
)
SELECT vendor, count(*) AS devices,
	round(count(plain.device) / count(*), 6) AS any_plaintext,
	CASE WHEN NOT lacks('withheld')
	THEN round(count(*) FILTER (other) / count(*), 6) END AS to_non_trackers,
	CASE WHEN NOT lacks('withheld')
	THEN round(count(*) FILTER (tracker) / count(*), 6) END AS to_trackers,
	getvariable('min_devices') AS min_devices
FROM validated LEFT JOIN plain USING (device)
GROUP BY vendor
HAVING count(*) >= getvariable('min_devices')
ORDER BY any_plaintext DESC, vendor;
