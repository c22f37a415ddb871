-- Title: Vendors by registered domains per device
-- About: Population: vendors of validated devices with at least one registered
--   domain. How many vendors have a median of at most 1, 2 and 10 registered
--   domains a device; certain leaves out names that were guessed, and vendors
--   that have no others.
-- Needs: labels, flows, domains, withheld, validation
-- Shares: share, share_certain
WITH counted AS (
	SELECT vendor, device, count(*) AS domains,
		nullif(count(*) FILTER (NOT guessed), 0) AS certain
	FROM validated JOIN device_domain USING (device)
	GROUP BY vendor, device
), vendor AS (
	SELECT vendor, median(domains) AS median,
		median(certain) AS median_certain
	FROM counted
	GROUP BY vendor
)
SELECT at_most, count(*) FILTER (median <= at_most) AS vendors,
	round(avg((median <= at_most)::INTEGER), 6) AS share,
	count(*) FILTER (median_certain <= at_most) AS vendors_certain,
	round(avg((median_certain <= at_most)::INTEGER), 6) AS share_certain
FROM vendor CROSS JOIN (SELECT unnest([1, 2, 10]) AS at_most)
GROUP BY at_most
ORDER BY at_most;
