/* The part of the fault-free study that sections 12 and 13 look at: study drug of site 01. Run
 * after the rest of it; see audit_fixture.h. */
#ifndef WALKIE_TESTS_AUDIT_FIXTURE_SUBJECT_H
#define WALKIE_TESTS_AUDIT_FIXTURE_SUBJECT_H

/* Twenty kits; each of the ten subjects had one on day 1 and brought it back. */
static const char SUBJECT_CTMS_SQL[] =
    "INSERT INTO meta (key, value) VALUES ('ip_temp_min', '15'), ('ip_temp_max', '25.0');"
    "INSERT INTO ip_txn (txn_id, site_id, kit_no, lot, expires_on, kind, on_date, qty, temp_min,"
    " temp_max) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20)"
    " SELECT i, 1, printf('K-%02d', i), 'LOT-1', '2025-12-31', 'received', '2024-01-02', 1, 18, 21"
    " FROM n;"
    "INSERT INTO ip_txn (txn_id, site_id, kit_no, lot, expires_on, kind, subject_no, on_date, qty)"
    " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10)"
    " SELECT 20 + i, 1, printf('K-%02d', i), 'LOT-1', '2025-12-31', 'dispensed',"
    " printf('01-%03d', i), '2024-01-05', 1 FROM n UNION ALL"
    " SELECT 30 + i, 1, printf('K-%02d', i), 'LOT-1', '2025-12-31', 'returned',"
    " printf('01-%03d', i), '2024-02-02', 1 FROM n;"
    "INSERT INTO ip_txn (txn_id, site_id, kit_no, kind, on_date, temp_min, temp_max) VALUES"
    " (41, 1, '-', 'storage', '2024-02-01', 17.5, 23.5),"
    " (42, 1, '-', 'storage', '2024-03-01', 15, 25);";

#endif
