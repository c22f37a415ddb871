-- Which devices had any traffic, and whose they are. A release does not have the
-- traffic within homes, but a device that it has a label of had some
-- (study/release.h).
CREATE OR REPLACE TABLE monitored AS
SELECT device, "user"
FROM devices
WHERE device IN (SELECT device FROM met)
	OR (device IN (SELECT device FROM labels)
		AND EXISTS (FROM meta WHERE key = 'source' AND value = 'a release'));
