-- Title: Users and their devices
-- About: All users are all accounts; active ones uploaded some traffic. The
--   duration is the sum of the 5-second windows in which any device of the user
--   had traffic; devices per user are those with traffic. Quantiles are
--   interpolated. Offsets are those of active users with a known one; a
--   device is labelled when it had traffic and has a name, a category and a
--   vendor. A clock was not set in windows
--   before 2015 or after the day after the import: how many users had such, and
--   how many windows, which no day counts. Durations are left out where times
--   were cut.
-- Needs: users, flows, labels
WITH undated AS (
	FROM busy WHERE NOT is_dated(day)
), offset_known AS (
	SELECT utc_offset_min FROM active_user JOIN users USING ("user")
	WHERE utc_offset_min IS NOT NULL
), figure(place, figure, value, unit) AS (
	SELECT 1, 'all users', count(*), 'users' FROM users
	UNION ALL SELECT 2, 'active users', count(*), 'users' FROM active_user
	UNION ALL SELECT 3, 'active users of all',
		(SELECT count(*) FROM active_user) / nullif(count(*), 0), 'share'
	FROM users
	UNION ALL SELECT 4, 'users who labelled',
		count(DISTINCT "user"), 'users' FROM labelled
	UNION ALL SELECT 5, 'users who labelled of active',
		count(*) FILTER (labelled > 0) / nullif(count(*), 0), 'share'
	FROM active_user
	UNION ALL SELECT 6, 'duration, median', median(minutes), 'minutes'
	FROM active_user
	UNION ALL SELECT 7, 'duration, upper quartile',
		quantile_cont(minutes, 0.75), 'minutes' FROM active_user
	UNION ALL SELECT 8, 'discovered devices', count(*), 'devices' FROM devices
	UNION ALL SELECT 9, 'monitored devices', count(*), 'devices'
	FROM monitored
	UNION ALL SELECT 10, 'labelled devices', count(*), 'devices' FROM labelled
	UNION ALL SELECT 11, 'labelled of discovered',
		(SELECT count(*) FROM labelled) / nullif(count(*), 0), 'share'
	FROM devices
	UNION ALL SELECT 12, 'labelled of monitored',
		(SELECT count(*) FROM labelled) / nullif(count(*), 0), 'share'
	FROM monitored
	UNION ALL SELECT 13, 'devices per active user, mean', avg(inspected),
		'devices' FROM active_user
	UNION ALL SELECT 14, 'devices per active user, lower quartile',
		quantile_cont(inspected, 0.25), 'devices' FROM active_user
	UNION ALL SELECT 15, 'devices per active user, median',
		median(inspected), 'devices' FROM active_user
	UNION ALL SELECT 16, 'devices per active user, upper quartile',
		quantile_cont(inspected, 0.75), 'devices' FROM active_user
	UNION ALL SELECT 17, 'UTC -07:00 to -04:00',
		avg((utc_offset_min BETWEEN -420 AND -240)::INTEGER), 'share'
	FROM offset_known
	UNION ALL SELECT 18, 'UTC +00:00 to +03:00',
		avg((utc_offset_min BETWEEN 0 AND 180)::INTEGER), 'share'
	FROM offset_known
	UNION ALL SELECT 19, 'clock not set, of users', count(DISTINCT "user"), 'users'
	FROM undated
	UNION ALL SELECT 20, 'clock not set, of windows', coalesce(sum(windows), 0), 'windows'
	FROM undated
)
SELECT figure, round(value, 6) AS value, unit
FROM figure
WHERE unit NOT IN ('minutes', 'windows') OR NOT lacks('times')
ORDER BY place;
