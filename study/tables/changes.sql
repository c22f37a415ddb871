-- Title: What became of the labels
-- About: Labelled devices. Each label that a rule changed or removed, what it
--   became and how many devices carried it.
-- Needs: labels
SELECT kind, vendor, before, after, rule, devices
FROM label_changes
WHERE method = asked('standard')
ORDER BY ALL;
