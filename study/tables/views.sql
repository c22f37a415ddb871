-- Title: Hours in each view
-- About: All users. The time for which each view of the page was open, added
--   up. Ties: by the bytes of the view.
-- Needs: views
SELECT view, round(sum(seconds) / 3600, 6) AS hours
FROM views
GROUP BY view
ORDER BY hours DESC, view;
