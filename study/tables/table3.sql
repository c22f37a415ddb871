-- Title: Table 3. Device names with the most devices
-- About: Population: validated devices. Standardised names by devices, with how
--   many vendors they are of and how many users have one. Ties: by the bytes of
--   the name.
-- Needs: labels, users, names, validation
-- Withheld: a device that only a withheld contact would validate is not in it:
--   its numbers are the least.
SELECT name, count(*) AS devices, count(DISTINCT vendor) AS vendors,
	count(DISTINCT "user") AS users
FROM validated
GROUP BY name
ORDER BY devices DESC, name;
