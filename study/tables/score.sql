-- Title: What validation gets wrong
-- About: Population: standardised devices whose truth is known; a computer among
--   them is wrongly labelled; simulated truth measures the simulator too. For each method, and each combination of
--   which any, so many or all must validate: false positive is the share of
--   wrongly labelled devices that are validated, false negative the share of
--   rightly labelled ones that are not, missing data included; with_data
--   counts only devices with as much data as the rule needs. Low and high:
--   middle 95 % of 1,000 draws of as many households, with replacement.
-- Needs: truth
-- Withheld: validators that go by domains are left out, for what they would say
--   is not all known.
-- Shares: false_positive, false_positive_low, false_positive_high, false_negative, false_negative_low, false_negative_high, false_positive_with_data, false_negative_with_data
SELECT kind AS truth, standard, validator, rule,
	sum(right_labels)::BIGINT AS right_labels,
	sum(wrong_labels)::BIGINT AS wrong_labels,
	round(sum(wrong_valid) / nullif(sum(wrong_labels), 0), 6)
		AS false_positive,
	round(any_value(positive_low), 6) AS false_positive_low,
	round(any_value(positive_high), 6) AS false_positive_high,
	round(sum(right_not) / nullif(sum(right_labels), 0), 6)
		AS false_negative,
	round(any_value(negative_low), 6) AS false_negative_low,
	round(any_value(negative_high), 6) AS false_negative_high,
	round(sum(wrong_valid) / nullif(sum(wrong_data), 0), 6)
		AS false_positive_with_data,
	round((sum(right_not) - sum(right_labels) + sum(right_data))
		/ nullif(sum(right_data), 0), 6) AS false_negative_with_data
FROM score_household JOIN score_validator USING (standard, place)
LEFT JOIN score_interval USING (kind, standard, place)
GROUP BY kind, standard, place, validator, rule
ORDER BY kind, standard DESC, place;
