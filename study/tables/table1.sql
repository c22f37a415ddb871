-- Title: Table 1. Outcomes of validation
-- About: Population: standardised devices. A row is a method, a cell the share
--   of those devices with that outcome; a row adds up to 1. A row is empty
--   where the source lacks what the method looks at.
-- Needs: labels, validation
-- Withheld: where a withheld contact would decide, a device has none of the three
--   outcomes, and a row adds up to less than 1.
-- Shares: validated, not_validated, no_data
SELECT method,
	round(avg((outcome = 'validated')::INTEGER), 6) AS validated,
	round(avg((outcome = 'not_validated')::INTEGER), 6) AS not_validated,
	round(avg((outcome = 'no_data')::INTEGER), 6) AS no_data
FROM method LEFT JOIN outcome USING (method)
GROUP BY place, method
ORDER BY place;
