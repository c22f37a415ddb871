-- Sums of the flows, which are many times as many as all else. They are read in
-- ranges of devices (sums_range.sql), so that the groups that are put together
-- at once stay few, and the time goes with the number of flows.

CREATE OR REPLACE TABLE met(device INTEGER, endpoint INTEGER, how UTINYINT);

CREATE OR REPLACE TEMP TABLE block("user" INTEGER, block INTEGER, windows UBIGINT);
