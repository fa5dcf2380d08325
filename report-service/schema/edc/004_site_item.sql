-- How many items a site entered a day on each form, and how many of them were changed: what section 10 of a site's report sums up
-- instead of reading a hundred thousand items. Made and valid as site_total is.
CREATE TABLE site_item_total(site_id INTEGER NOT NULL REFERENCES site, form_def_id INTEGER NOT NULL REFERENCES form_def, day INTEGER NOT NULL, n_items INTEGER NOT NULL, n_changed_items INTEGER NOT NULL, PRIMARY KEY(site_id,form_def_id,day));
