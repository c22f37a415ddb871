-- Title: Device-control platforms
-- About: Population: validated devices. How many devices, of how many vendors,
--   contacted a registered domain of a platform through which things of many
--   vendors are controlled.
-- Needs: labels, flows, domains, withheld, validation
-- Lists: platforms
SELECT platform, count(DISTINCT device) AS devices,
	count(DISTINCT vendor) AS vendors
FROM validated JOIN device_domain USING (device) JOIN platform USING (domain)
GROUP BY platform
ORDER BY devices DESC, platform;
