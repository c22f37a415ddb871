-- Title: Table 2. Vendors with the most devices
-- About: Population: validated devices. Vendors by devices, with the users who
--   have one and the two commonest standardised names as shares of the
--   vendor's devices. Ties: by the bytes of the vendor, of the name.
-- Needs: labels, users, names, validation
-- Withheld: a device that only a withheld contact would validate is not in it:
--   numbers of devices are the least, and shares are of the others.
-- Shares: share_1, share_2
WITH named AS (
	SELECT vendor, name, count(*) AS devices,
		row_number() OVER (PARTITION BY vendor
			ORDER BY count(*) DESC, name) AS place
	FROM validated
	GROUP BY vendor, name
), sized AS (
	SELECT vendor, count(*) AS devices, count(DISTINCT "user") AS users
	FROM validated
	GROUP BY vendor
)
SELECT sized.vendor, sized.devices, users,
	first.name AS name_1,
	round(first.devices / sized.devices, 6) AS share_1,
	second.name AS name_2,
	round(second.devices / sized.devices, 6) AS share_2
FROM sized
JOIN named AS first ON first.vendor = sized.vendor AND first.place = 1
LEFT JOIN named AS second ON second.vendor = sized.vendor AND second.place = 2
ORDER BY sized.devices DESC, sized.vendor;
