-- An alert can end, and a worse answer raises another beside it: of one kind one is open. SQLite cannot drop a constraint, so the table is made anew.
ALTER TABLE epro_alert RENAME TO epro_alert_old;
CREATE TABLE epro_alert(alert_id INTEGER PRIMARY KEY, resp_id INTEGER NOT NULL REFERENCES epro_response, kind TEXT NOT NULL, link_id TEXT, value DOUBLE PRECISION, raised_at BIGINT NOT NULL, closed_at BIGINT, closed_reason TEXT);
INSERT INTO epro_alert(alert_id, resp_id, kind, link_id, value, raised_at) SELECT alert_id, resp_id, kind, link_id, value, raised_at FROM epro_alert_old;
DROP TABLE epro_alert_old;
CREATE INDEX epro_alert_response ON epro_alert(resp_id, kind);
CREATE UNIQUE INDEX epro_alert_open ON epro_alert(resp_id, kind) WHERE closed_at IS NULL;
