-- Queries that were outstanding on a day (open for more than 30 days): a running total too, down again on the day of their closing, so that
-- no report has to lead every query to its site. The summaries of an older schema do not have it: they are made anew by the next import.
ALTER TABLE site_total ADD COLUMN n_outstanding_queries BIGINT NOT NULL DEFAULT 0;
DELETE FROM meta WHERE key = 'site_total_version';
