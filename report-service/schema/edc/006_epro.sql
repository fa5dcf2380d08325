-- What is remembered of a processed ePRO response, and the alerts that it raised: see ../README.md for the words.
ALTER TABLE epro_response ADD COLUMN external_id TEXT;
ALTER TABLE epro_response ADD COLUMN content_hash TEXT;
ALTER TABLE epro_response ADD COLUMN severity TEXT;
ALTER TABLE epro_response ADD COLUMN profile TEXT;
ALTER TABLE epro_response ADD COLUMN n_missing INTEGER;
ALTER TABLE epro_response ADD COLUMN processed_at BIGINT;
CREATE TABLE epro_alert(alert_id INTEGER PRIMARY KEY, resp_id INTEGER NOT NULL REFERENCES epro_response, kind TEXT NOT NULL, link_id TEXT, value DOUBLE PRECISION, raised_at BIGINT NOT NULL, UNIQUE(resp_id,kind));
CREATE INDEX subject_by_no ON subject(subject_no);
