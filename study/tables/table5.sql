-- Title: Table 5. Countries that vendors' devices contacted
-- About: Population: validated devices of users whose clock was from UTC -07:00
--   to -04:00 (San Francisco to New York), and from 00:00 to +03:00 (London to
--   Moscow). Share of the vendors with devices in the group of which any
--   contacted an endpoint in the country: at any port, and at port 80. The ten
--   countries with the largest share at any port; ties by the country's code.
-- Needs: labels, flows, zones, countries, validation
-- Shares: any_port, port_80
WITH grouped AS (
	SELECT device, vendor,
		CASE WHEN utc_offset_min BETWEEN -420 AND -240 THEN 'UTC -07:00 to -04:00'
		WHEN utc_offset_min BETWEEN 0 AND 180 THEN 'UTC +00:00 to +03:00'
		END AS zones
	FROM validated JOIN users USING ("user")
), sized AS (
	SELECT zones, count(DISTINCT vendor) AS vendors
	FROM grouped
	GROUP BY zones
), counted AS (
	SELECT zones, country, count(DISTINCT vendor) AS vendors,
		count(DISTINCT vendor) FILTER (plaintext) AS plaintext
	FROM grouped JOIN contact USING (device) JOIN place USING (endpoint)
	WHERE zones IS NOT NULL AND country <> ''
	GROUP BY zones, country
)
SELECT zones, country,
	round(counted.vendors / sized.vendors, 6) AS any_port,
	round(plaintext / sized.vendors, 6) AS port_80,
	sized.vendors AS vendors_in_group
FROM counted JOIN sized USING (zones)
QUALIFY row_number() OVER (PARTITION BY zones
	ORDER BY counted.vendors DESC, country) <= 10
ORDER BY zones DESC, any_port DESC, country;
