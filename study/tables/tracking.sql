-- Title: Vendors by devices that contact trackers
-- About: Population: validated devices. Share of all the vendor's devices that
--   contacted at least one endpoint on the list of trackers, at any port;
--   certain leaves out names that were guessed. Ties: by the bytes of the vendor.
-- Needs: labels, flows, domains, validation
-- Withheld: a device of which contacts are withheld may have contacted a tracker
--   by one of them: the shares are the least, of the devices that are
--   validated whatever was withheld.
-- Lists: trackers
-- Shares: to_trackers, to_trackers_certain
SELECT vendor, count(*) AS devices,
	round(count(tracker_contact.device) / count(*), 6) AS to_trackers,
	round(count(*) FILTER (certain) / count(*), 6) AS to_trackers_certain
FROM validated LEFT JOIN tracker_contact USING (device)
GROUP BY vendor
ORDER BY to_trackers DESC, vendor;
