-- Title: Device-control platforms
-- About: Population: validated devices. How many devices, of how many vendors,
--   contacted a registered domain of a platform through which things of many
--   vendors are controlled; certain leaves out names that were guessed.
-- Needs: labels, flows, domains, validation
-- Withheld: a device of which contacts are withheld may have contacted a platform
--   by one of them: the numbers are the least, and a platform that is not
--   here may have been contacted too.
-- Lists: platforms
SELECT platform, count(*) AS devices, count(DISTINCT vendor) AS vendors,
	count(*) FILTER (certain) AS devices_certain,
	count(DISTINCT vendor) FILTER (certain) AS vendors_certain
FROM validated JOIN platform_contact USING (device)
GROUP BY platform
ORDER BY devices DESC, platform;
