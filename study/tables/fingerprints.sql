-- Title: TLS fingerprints that vendors share
-- About: Population: validated devices. JA4 fingerprints of valid ClientHellos
--   that devices of at least two vendors sent, with how many devices did. Ties:
--   by the bytes of the fingerprint.
-- Needs: labels, hellos, fingerprints, validation
-- Withheld: a device that only a withheld contact would validate is not in it:
--   its numbers are the least.
SELECT ja4, count(DISTINCT vendor) AS vendors,
	count(DISTINCT device) AS devices,
	array_to_string(list_sort(list(DISTINCT vendor))[1:10], ', ') AS of_them
FROM validated JOIN valid_hello USING (device)
WHERE ja4 <> ''
GROUP BY ja4
HAVING count(DISTINCT vendor) > 1
ORDER BY vendors DESC, devices DESC, ja4;
