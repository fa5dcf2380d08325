-- What study-wide indicators count, as running totals: a row says how much a site had by the end of a day (days since 1970-01-01, UTC),
-- so that a report of any day reads one row a site instead of millions of forms, items and lab results. Made by site_total.h; holds
-- while meta.site_total_version = meta.data_version. Forms and items count from the form's first entry, queries from their opening,
-- lab results from their date (those without one from day -1000000).
CREATE TABLE site_total(site_id INTEGER NOT NULL REFERENCES site, day INTEGER NOT NULL, n_dated_forms BIGINT NOT NULL, n_late_forms BIGINT NOT NULL, n_items BIGINT NOT NULL, n_changed_items BIGINT NOT NULL, n_labs BIGINT NOT NULL, n_abnormal_labs BIGINT NOT NULL, n_queries BIGINT NOT NULL, last_entry_at BIGINT, PRIMARY KEY(site_id,day));
