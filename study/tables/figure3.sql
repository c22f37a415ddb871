-- Title: Figure 3. Active users a day
-- About: Users with any traffic on the UTC day: new on the first day on which
--   they had any, existing on every later one. Days without any user between
--   the first and the last are 0. Days that no clock was right on, before 2015 or
--   after the day after the import, are left out: the table of users counts them.
-- Needs: users, flows
WITH dated AS (
	FROM busy WHERE is_dated(day)
), first AS (
	SELECT "user", min(day) AS first_day FROM dated GROUP BY "user"
), counted AS (
	SELECT day, count(*) FILTER (day = first_day) AS new,
		count(*) FILTER (day > first_day) AS existing
	FROM dated JOIN first USING ("user")
	GROUP BY day
), calendar AS (
	SELECT unnest(range(min(day), max(day) + 1)) AS day FROM dated
)
SELECT DATE '1970-01-01' + day::INTEGER AS day,
	coalesce(new, 0) + coalesce(existing, 0) AS active,
	coalesce(new, 0) AS new, coalesce(existing, 0) AS existing
FROM calendar LEFT JOIN counted USING (day)
ORDER BY day;
