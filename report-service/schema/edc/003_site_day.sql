-- What the study-wide indicators count, summed by site and day (days since 1970-01-01, UTC): made by site_day.h from form, item_data
-- and lab_result, whose millions of rows a report has no time to read. It holds while meta.site_day_version = meta.data_version.
-- Forms and items stand under the day of the form's first entry, lab results under theirs (no date: day -1000000).
CREATE TABLE site_day(site_id INTEGER NOT NULL REFERENCES site, day INTEGER NOT NULL, n_dated_forms INTEGER NOT NULL, n_late_forms INTEGER NOT NULL, n_items INTEGER NOT NULL, n_changed_items INTEGER NOT NULL, n_labs INTEGER NOT NULL, n_abnormal_labs INTEGER NOT NULL, last_entry_at BIGINT, PRIMARY KEY(site_id,day));
