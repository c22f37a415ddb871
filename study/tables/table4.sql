-- Title: Table 4. Vendors by plaintext
-- About: Population: validated devices of vendors with at least the least
--   number of devices. Share of all the vendor's devices that contacted an
--   Internet endpoint at port 80: any, one that is not a tracker, one that is
--   (the two overlap); certain takes an endpoint whose name was guessed for one
--   without a name, which is no tracker. Ties: by the bytes of the vendor.
-- Needs: labels, flows, domains, validation
-- Withheld: whether a withheld contact was a tracker's is not told: the shares to
--   others and to trackers are the least, those of any plaintext are whole, all
--   of the devices that are validated whatever was withheld.
-- Lists: trackers
-- Shares: any_plaintext, to_non_trackers, to_trackers, to_non_trackers_certain, to_trackers_certain
SELECT vendor, count(*) AS devices,
	round(count(plain.device) / count(*), 6) AS any_plaintext,
	round(count(*) FILTER (other) / count(*), 6) AS to_non_trackers,
	round(count(*) FILTER (tracker) / count(*), 6) AS to_trackers,
	round(count(*) FILTER (other_certain) / count(*), 6)
		AS to_non_trackers_certain,
	round(count(*) FILTER (tracker_certain) / count(*), 6)
		AS to_trackers_certain,
	asked('min_devices')::BIGINT AS min_devices
FROM validated LEFT JOIN plain_contact AS plain USING (device)
GROUP BY vendor
HAVING count(*) >= asked('min_devices')::BIGINT
ORDER BY any_plaintext DESC, vendor;
