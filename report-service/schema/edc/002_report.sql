-- What a report needs beyond the base tables: see ../README.md for the words.
CREATE TABLE provided   (table_name TEXT PRIMARY KEY, is_provided INTEGER NOT NULL, note TEXT);
ALTER TABLE subject ADD COLUMN treatment_status TEXT;
ALTER TABLE subject ADD COLUMN treatment_reason TEXT;
ALTER TABLE subject ADD COLUMN last_seen_on TEXT;
CREATE TABLE consent    (consent_id INTEGER PRIMARY KEY, subject_id INTEGER NOT NULL REFERENCES subject, version TEXT, signed_on TEXT);
CREATE INDEX consent_subject ON consent(subject_id,signed_on);
CREATE TABLE eligibility(eligibility_id INTEGER PRIMARY KEY, subject_id INTEGER NOT NULL REFERENCES subject, kind TEXT NOT NULL, code TEXT, is_met INTEGER, protocol_version TEXT);
CREATE INDEX eligibility_subject ON eligibility(subject_id);
