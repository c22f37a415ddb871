-- Title: Vendors by registered domains per device
-- About: Population: vendors of validated devices with at least one registered
--   domain. How many vendors have a median of at most 1, 2 and 10 registered
--   domains a device.
-- Needs: labels, flows, domains, withheld, validation
-- Shares: share
WITH counted AS (
	SELECT vendor, device, count(*) AS domains
	FROM validated JOIN device_domain USING (device)
	GROUP BY vendor, device
), vendor AS (
	SELECT vendor, median(domains) AS median FROM counted GROUP BY vendor
)
SELECT at_most, count(*) FILTER (median <= at_most) AS vendors,
	round(avg((median <= at_most)::INTEGER), 6) AS share
FROM vendor CROSS JOIN (SELECT unnest([1, 2, 10]) AS at_most)
GROUP BY at_most
ORDER BY at_most;
