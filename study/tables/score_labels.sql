-- Title: What standardising gets wrong
-- About: Population: labelled devices whose truth is known and that are no
--   computers; for computers, labelled computers. Lost: no longer there.
--   Right: of those still there, with their true vendor. Pairs of devices still
--   there, of one vendor or name: precision is how many of the pairs that are
--   put together belong together, recall how many that belong together are. Names
--   are scored where the truth has a name or a category, else empty.
-- Needs: truth
-- Shares: lost, right_vendor, computers_left, vendor_precision, vendor_recall, name_precision, name_recall
SELECT truth, standard, devices, round(lost / nullif(devices, 0), 6) AS lost,
	round(right_vendor / nullif(devices - lost, 0), 6) AS right_vendor,
	computers,
	round(computers_in / nullif(computers, 0), 6) AS computers_left,
	round(vendor_both / nullif(vendor_pairs, 0), 6) AS vendor_precision,
	round(vendor_both / nullif(vendor_true, 0), 6) AS vendor_recall,
	round(name_both / nullif(name_pairs, 0), 6) AS name_precision,
	round(name_both / nullif(name_true, 0), 6) AS name_recall
FROM score_label
ORDER BY truth DESC, standard DESC;
