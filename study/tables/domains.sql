-- Title: Registered domains per device
-- About: Population: validated devices with at least one registered domain. The
--   median over the vendor's devices of how many distinct ones a device
--   contacted; certain leaves out names that were guessed, and devices that have
--   no others. Ties: by the bytes of the vendor.
-- Needs: labels, flows, domains, withheld, validation
WITH counted AS (
	SELECT vendor, device, count(*) AS domains,
		count(*) FILTER (NOT guessed) AS certain
	FROM validated JOIN device_domain USING (device)
	GROUP BY vendor, device
)
SELECT vendor, count(*) AS devices, median(domains) AS median,
	max(domains) AS most,
	count(*) FILTER (certain > 0) AS devices_certain,
	median(certain) FILTER (certain > 0) AS median_certain,
	max(certain) FILTER (certain > 0) AS most_certain
FROM counted
GROUP BY vendor
ORDER BY median DESC, vendor;
