-- Title: Table 1 without guessed names
-- About: As Table 1, where a name that was guessed (its address had no name of
--   its own in that home) is not counted as contacted.
-- Needs: labels, validation
-- Withheld: where a withheld contact would decide, a device has none of the three
--   outcomes, and a row adds up to less than 1.
-- Shares: validated, not_validated, no_data
SELECT method,
	round(avg((outcome_certain = 'validated')::INTEGER), 6) AS validated,
	round(avg((outcome_certain = 'not_validated')::INTEGER), 6) AS not_validated,
	round(avg((outcome_certain = 'no_data')::INTEGER), 6) AS no_data
FROM method LEFT JOIN outcome USING (method)
GROUP BY place, method
ORDER BY place;
