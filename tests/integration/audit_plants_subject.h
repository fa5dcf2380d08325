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

static const struct plant SUBJECT_PLANTS[] = {
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
