-- Title: Vendors by devices that contact trackers
-- About: Population: validated devices. Share of all the vendor's devices that
--   contacted at least one endpoint on the list of trackers, at any port. Ties:
--   by the bytes of the vendor.
-- Needs: labels, flows, domains, withheld, validation
-- Lists: trackers
-- Shares: to_trackers
SELECT vendor, count(*) AS devices,
	round(count(tracker_contact.device) / count(*), 6) AS to_trackers
FROM validated LEFT JOIN tracker_contact USING (device)
GROUP BY vendor
ORDER BY to_trackers DESC, vendor;
