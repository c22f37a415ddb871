-- Title: TLS by vendor
-- About: Population: validated devices with at least one valid ClientHello, one
--   whose highest offered version is SSL 3.0 to TLS 1.3. Shares of those
--   devices: at least one hello whose highest offered version is SSL 3.0 or
--   TLS 1.0 (paper), or TLS 1.1 too (current); at least one that offers a weak
--   cipher suite: no encryption, export, anonymous, RC4, DES (paper), 3DES too
--   (current), both empty where the source has no suites. Ties: by the bytes of the vendor.
-- Needs: labels, hellos, validation
-- Withheld: a device that only a withheld contact would validate is not in it:
--   numbers of devices are the least, and shares are of the others.
-- Shares: outdated_paper, outdated_current, weak_paper, weak_current
SELECT vendor, count(*) AS devices, count(tls_device.device) AS with_hello,
	round(avg(outdated_paper::INTEGER), 6) AS outdated_paper,
	round(avg(outdated_current::INTEGER), 6) AS outdated_current,
	CASE WHEN NOT lacks('suites')
	THEN round(avg(weak_paper::INTEGER), 6) END AS weak_paper,
	CASE WHEN NOT lacks('suites')
	THEN round(avg(weak_current::INTEGER), 6) END AS weak_current
FROM validated LEFT JOIN tls_device USING (device)
GROUP BY vendor
HAVING with_hello > 0
ORDER BY outdated_paper DESC, with_hello DESC, vendor;
