-- Title: Devices validated by at least so many methods
-- About: Population: standardised devices. How many of them at least 1, 2, 3
--   and 4 methods validate, of those that the source has the inputs of; there are
--   no rows for more than these are.
-- Needs: labels, validation
-- Shares: share
WITH asked AS (
	SELECT count(DISTINCT method) AS methods FROM outcome
), device AS (
	SELECT device, count(*) FILTER (outcome = 'validated') AS methods
	FROM standardised LEFT JOIN outcome USING (device)
	GROUP BY device
)
SELECT at_least, count(*) FILTER (methods >= at_least) AS devices,
	round(avg((methods >= at_least)::INTEGER), 6) AS share
FROM device CROSS JOIN (SELECT unnest([1, 2, 3, 4]) AS at_least)
WHERE at_least <= (SELECT methods FROM asked)
GROUP BY at_least
ORDER BY at_least;
