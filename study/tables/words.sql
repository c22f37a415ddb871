-- How texts are compared: lower case; domains without spaces and punctuation,
-- others with each run of them as one space.

CREATE OR REPLACE MACRO squeezed(text) AS
	regexp_replace(lower(text), '[^a-z0-9]+', '', 'g');
CREATE OR REPLACE MACRO worded(text) AS
	trim(regexp_replace(lower(text), '[^a-z0-9]+', ' ', 'g'));
