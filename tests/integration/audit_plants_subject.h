/* Faults of study drug and of the audit trail, and cases that come close to one and are none.
 * Included by audit_rules_test.c, which says what a plant is. */
#ifndef WALKIE_TESTS_AUDIT_PLANTS_SUBJECT_H
#define WALKIE_TESTS_AUDIT_PLANTS_SUBJECT_H

#include "audit_plants.h"

#define LEFT_IN_MAY                                                                                \
    "UPDATE subject SET status = 'discontinued', discont_on = '2024-05-01',"                       \
    " discont_reason = 'other' WHERE subject_id = 101"
#define KIT_11_TO(subject_no, day)                                                                 \
    "INSERT INTO ip_txn (site_id, kit_no, expires_on, kind, subject_no, on_date, qty) VALUES"      \
    " (1, 'K-11', '2025-12-31', 'dispensed', '" subject_no "', '" day "', 1),"                     \
    " (1, 'K-11', '2025-12-31', 'returned', '" subject_no "', '2024-10-01', 1)"

/* One change of a page of site 01: entered on 2024-01-06 for a visit on 2024-01-05. Stamps are UTC,
 * the site is in Tokyo: 1704690000000 is Monday 2024-01-08, 14:00 there. */
#define MONDAY_14 "1704690000000"
#define CHANGE_BY(user, form, at, reason)                                                          \
    "INSERT INTO audit_trail (at, user_id, action, form_id, old_value, new_value, reason) VALUES"  \
    " (" at ", " user ", 'update', " form ", '1', '2', " reason ");"
#define CHANGE(form, at, reason) CHANGE_BY("1", form, at, reason)
#define UNSIGN "UPDATE form SET pi_signed_at = NULL WHERE form_id < 2000;"
#define EVENT(form, at, action)                                                                    \
    "INSERT INTO audit_trail (at, user_id, action, form_id) VALUES (" at ", 1, '" action           \
    "', " form ");"
/* Ten (or nine) changes, a minute apart, from a stamp on. */
#define MANY_CHANGES(n, from)                                                                      \
    "INSERT INTO audit_trail (at, user_id, action, form_id, old_value, new_value, reason)"         \
    " WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < " n " - 1)"         \
    " SELECT " from " + i * 60000, 1, 'update', 1011 + i % 5 * 10, '1', '2', 'corrected' FROM n;"
/* Friday 2024-03-08, 12:00 in Tokyo: 63 days after the visit. */
#define MARCH_12 "1709866800000"
#define ANOTHER_USER "INSERT INTO app_user VALUES (3, 'crc02', '王 Coordinator', 'coordinator');"
/* Twenty of user 3 and k of user 1; nobody enters more. */
#define SHARES(n, k)                                                                               \
    UNSIGN ANOTHER_USER                                                                            \
        "INSERT INTO audit_trail (at, user_id, action, form_id, old_value, new_value, reason)"     \
        " WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < " n "+" k       \
        " - 1) SELECT " MONDAY_14 " + i * 60000, CASE WHEN i < " n " THEN 3 ELSE 1 END, 'update'," \
        " 1011, '1', '2', 'corrected' FROM n;"

static const struct plant SUBJECT_PLANTS[] = {
    {"AT-01", UNSIGN CHANGE("1011", MONDAY_14, "NULL"), NULL, GRADE_MINOR, 1, ""},
    {"AT-01", UNSIGN CHANGE("1011", MONDAY_14, "'  '"), NULL, GRADE_MINOR, 1, ""},
    {"AT-01",
        UNSIGN MANY_CHANGES("10", MONDAY_14) "UPDATE audit_trail SET reason = NULL, hash = NULL,"
                                             " prev_hash = NULL WHERE action = 'update'",
        NULL, GRADE_MAJOR, 10, ""},
    /* 01:00 in Tokyo is 16:00 UTC of the day before */
    {"AT-02", UNSIGN CHANGE("1011", "1704729600000", "'r'"), NULL, GRADE_MINOR, 1, ""},
    {"AT-02", UNSIGN CHANGE("1011", "1704743999000", "'r'"), NULL, GRADE_MINOR, 1, ""},
    {"AT-02", UNSIGN MANY_CHANGES("20", "1704729600000"), NULL, GRADE_MAJOR, 20, ""},
    /* Saturday 2024-01-13, 00:00 in Tokyo; Sunday 23:59 */
    {"AT-03", UNSIGN CHANGE("1011", "1705071600000", "'r'") CHANGE("1012", "1705244340000", "'r'"),
        NULL, GRADE_MINOR, 2, ""},
    {"AT-04", UNSIGN EVENT("1011", "1704600000000", "lock") CHANGE("1011", MONDAY_14, "'r'"), NULL,
        GRADE_MAJOR, 1, ""},
    {"AT-04",
        UNSIGN EVENT("1011", "1704600000000", "lock") EVENT("1011", MONDAY_14 " + 1", "insert"),
        NULL, GRADE_MAJOR, 1, ""},
    {"AT-05", CHANGE("1011", MONDAY_14, "'r'"), NULL, GRADE_MINOR, 1, ""},
    {"AT-05", UNSIGN EVENT("1011", "1704600000000", "sign") CHANGE("1011", MONDAY_14, "'r'"), NULL,
        GRADE_MINOR, 1, ""},
    {"AT-05", MANY_CHANGES("5", MONDAY_14), NULL, GRADE_MAJOR, 5, ""},
    {"AT-06", UNSIGN MANY_CHANGES("10", MARCH_12), NULL, GRADE_MAJOR, 1, ""},
    {"AT-06",
        UNSIGN MANY_CHANGES("10", MONDAY_14) "UPDATE form SET locked_at = 1705190400000,"
                                             " pi_signed_at = 1705104000000 WHERE form_id < 1060",
        NULL, GRADE_MAJOR, 1, ""},
    {"AT-07", "UPDATE audit_trail SET at = at + 1 WHERE audit_id = 3", NULL, GRADE_CRITICAL, 1, ""},
    {"AT-07", "DELETE FROM audit_trail WHERE audit_id IN (3, 7)", NULL, GRADE_CRITICAL, 2, ""},
    {"AT-07", "UPDATE audit_trail SET hash = upper(hash) WHERE audit_id = 3", NULL, GRADE_CRITICAL,
        2, ""},
    {"AT-08", UNSIGN CHANGE_BY("2", "1011", MONDAY_14, "'r'"), NULL, GRADE_MAJOR, 1, ""},
    {"AT-09", SHARES("20", "10"), NULL, GRADE_MINOR, 1, ""},
    {"IP-01", NULL, "DELETE FROM ip_txn WHERE txn_id = 31", GRADE_MINOR, 1, ""},
    {"IP-01", NULL, "UPDATE ip_txn SET on_date = '2024-11-02' WHERE txn_id = 31", GRADE_MINOR, 1,
        ""},
    {"IP-01", NULL, "UPDATE ip_txn SET kind = 'lost' WHERE kind = 'returned'", GRADE_MAJOR, 10, ""},
    {"IP-02", NULL, "DELETE FROM ip_txn WHERE txn_id = 1", GRADE_MAJOR, 1, ""},
    {"IP-02", NULL, "UPDATE ip_txn SET qty = 2 WHERE txn_id IN (31, 32)", GRADE_MAJOR, 2, ""},
    {"IP-03", NULL, "UPDATE ip_txn SET expires_on = '2024-01-04' WHERE kit_no = 'K-01'",
        GRADE_MAJOR, 1, ""},
    {"IP-04", NULL, "UPDATE ip_txn SET on_date = '2024-01-04' WHERE txn_id = 21", GRADE_MAJOR, 1,
        ""},
    {"IP-04", NULL, KIT_11_TO("01-099", "2024-09-01"), GRADE_MAJOR, 1, ""},
    {"IP-04", LEFT_IN_MAY, KIT_11_TO("01-001", "2024-05-02"), GRADE_MAJOR, 1, "KRI-02 KRI-03"},
    {"IP-05", NULL, "UPDATE ip_txn SET temp_max = 25.1 WHERE txn_id = 41", GRADE_MINOR, 1, ""},
    {"IP-05", NULL, "UPDATE ip_txn SET temp_min = 14.9 WHERE txn_id IN (1, 42)", GRADE_MAJOR, 2,
        ""},
};

static const struct near_miss SUBJECT_NEAR_MISSES[] = {
    {"AT-01", UNSIGN CHANGE("1011", MONDAY_14, "'.'"), NULL},
    /* 00:59:59 and 05:00 */
    {"AT-02", UNSIGN CHANGE("1011", "1704729599000", "'r'") CHANGE("1011", "1704744000000", "'r'"),
        NULL},
    /* Friday 23:59:59 and Monday 00:00, both another day in UTC */
    {"AT-03", UNSIGN CHANGE("1011", "1705071599000", "'r'") CHANGE("1011", "1705244400000", "'r'"),
        NULL},
    {"AT-04",
        UNSIGN EVENT("1011", "1704600000000", "lock") EVENT("1011", "1704600000001", "unlock")
            CHANGE("1011", MONDAY_14, "'r'") EVENT("1011", MONDAY_14 " + 1", "lock"),
        NULL},
    {"AT-05", CHANGE("1011", MONDAY_14, "'r'") EVENT("1011", MONDAY_14 " + 1", "sign"), NULL},
    {"AT-06", UNSIGN MANY_CHANGES("9", MARCH_12), NULL},
    /* 30 days after the visit */
    {"AT-06", UNSIGN MANY_CHANGES("10", "1707022800000"), NULL},
    {"AT-07", "DELETE FROM audit_trail WHERE audit_id = (SELECT max(audit_id) FROM audit_trail)",
        NULL},
    {"AT-08", UNSIGN CHANGE_BY("1", "1011", MONDAY_14, "'r'"), NULL},
    {"AT-09", SHARES("19", "10"), NULL},
    {"AT-09", SHARES("20", "47"), NULL},
    /* back 60 days after, or destroyed at the subject's */
    {"IP-01", NULL,
        "DELETE FROM ip_txn WHERE txn_id = 31;"
        "UPDATE ip_txn SET on_date = '2024-09-02' WHERE txn_id = 21"},
    {"IP-01", NULL, "UPDATE ip_txn SET kind = 'destroyed' WHERE txn_id = 31"},
    {"IP-02", NULL,
        "UPDATE ip_txn SET qty = 3 WHERE txn_id = 1;"
        "UPDATE ip_txn SET qty = 2 WHERE txn_id IN (21, 31)"},
    {"IP-03", NULL, "UPDATE ip_txn SET expires_on = '2024-01-05' WHERE kit_no = 'K-01'"},
    {"IP-03", NULL, "UPDATE ip_txn SET expires_on = '2024-01' WHERE kit_no = 'K-01'"},
    {"IP-04", LEFT_IN_MAY, KIT_11_TO("01-001", "2024-05-01")},
    {"IP-05", NULL, "UPDATE ip_txn SET temp_max = 25, temp_min = 15 WHERE txn_id < 43"},
};

#endif
