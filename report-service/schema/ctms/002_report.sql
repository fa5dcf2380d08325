-- What a report needs beyond the base tables: see ../README.md for the words.
CREATE TABLE provided       (table_name TEXT PRIMARY KEY, is_provided INTEGER NOT NULL, note TEXT);
CREATE TABLE finding_regrade(regrade_id INTEGER PRIMARY KEY, site_id INTEGER NOT NULL REFERENCES site, finding_key TEXT NOT NULL, old_grade TEXT NOT NULL, new_grade TEXT NOT NULL CHECK (new_grade IN ('critical','major','minor','recommendation')), regraded_by TEXT NOT NULL, regraded_at BIGINT NOT NULL, reason TEXT NOT NULL);
CREATE INDEX regrade_site ON finding_regrade(site_id,finding_key,regraded_at);
CREATE INDEX staff_site ON site_staff(site_id,staff_id);
CREATE INDEX delegation_staff ON delegation(staff_id,task);
CREATE INDEX training_staff ON training(staff_id,topic);
CREATE INDEX ethics_site ON ethics(site_id,kind);
CREATE INDEX sae_site ON sae_report(site_id,subject_no);
