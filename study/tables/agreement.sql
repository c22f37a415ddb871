-- Title: Devices validated by at least so many methods
-- About: Population: standardised devices. How many of them at least 1, 2, 3
--   and 4 methods validate, of those that the source has the inputs of; there are
--   no rows for more than these are. Certain leaves out names that were guessed.
-- Needs: labels, validation
-- Withheld: a device that a method would validate by a withheld contact is not
--   counted: the numbers are the least.
-- Shares: share, share_certain
WITH asked_of AS (
	SELECT count(DISTINCT method) AS methods FROM outcome
), device AS (
	SELECT device, count(*) FILTER (outcome = 'validated') AS methods,
		count(*) FILTER (outcome_certain = 'validated') AS certain
	FROM standardised LEFT JOIN outcome USING (device)
	GROUP BY device
)
SELECT at_least, count(*) FILTER (methods >= at_least) AS devices,
	round(avg((methods >= at_least)::INTEGER), 6) AS share,
	count(*) FILTER (certain >= at_least) AS devices_certain,
	round(avg((certain >= at_least)::INTEGER), 6) AS share_certain
FROM device CROSS JOIN (SELECT unnest([1, 2, 3, 4]) AS at_least)
WHERE at_least <= (SELECT methods FROM asked_of)
GROUP BY at_least
ORDER BY at_least;
