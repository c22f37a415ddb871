-- Title: Figure 4. Duration of inspection: fewer than 10 devices, and at least 10
-- About: Active users in two groups: users who inspected (had traffic of) fewer than 10 devices, and at least 10.
--   A user's duration is the sum of the 5-second windows in which any of their
--   devices had traffic; the steps are ours. Shares are of the group.
-- Needs: users, flows, times
-- Shares: share
WITH step(place, duration, above) AS (
	VALUES (1, '< 5 min', 0), (2, '5 to 15 min', 5), (3, '15 to 30 min', 15),
		(4, '30 to 60 min', 30), (5, '1 to 3 h', 60), (6, '3 to 12 h', 180),
		(7, '12 to 24 h', 720), (8, '>= 24 h', 1440)
), grouped AS (
	SELECT CASE WHEN inspected < 10 THEN '< 10 devices' ELSE '>= 10 devices' END AS devices,
		(SELECT max(place) FROM step WHERE above <= minutes) AS place
	FROM active_user
), counted AS (
	SELECT devices, place, count(*) AS users FROM grouped GROUP BY ALL
), sized AS (
	SELECT devices, count(*) AS users FROM grouped GROUP BY ALL
)
SELECT devices AS users_with, duration, coalesce(counted.users, 0) AS users,
	round(coalesce(counted.users, 0) / sized.users, 6) AS share
FROM sized CROSS JOIN step LEFT JOIN counted USING (devices, place)
ORDER BY list_position(['< 10 devices', '>= 10 devices'], devices), place;
