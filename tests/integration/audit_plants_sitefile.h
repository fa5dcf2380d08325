/* Faults of staff, documents, questionnaires and images, and cases that come close to one and are
 * none. Included by audit_rules_test.c, which says what a plant is. */
#ifndef WALKIE_TESTS_AUDIT_PLANTS_SITEFILE_H
#define WALKIE_TESTS_AUDIT_PLANTS_SITEFILE_H

#include "audit_plants.h"

static const struct plant SITEFILE_PLANTS[] = {
    {"ST-01", NULL, "UPDATE delegation SET pi_signed_on = NULL WHERE staff_id = 2", GRADE_MAJOR, 1,
        ""},
    {"ST-01", NULL, "UPDATE delegation SET pi_signed_on = '2024-11-02' WHERE staff_id = 1",
        GRADE_MAJOR, 4, ""},
    {"ST-02", NULL, "UPDATE delegation SET pi_signed_on = '2024-01-02' WHERE staff_id = 2",
        GRADE_MINOR, 1, ""},
    {"ST-03", NULL, "UPDATE delegation SET to_on = '2024-01-04' WHERE task = 'dosing'", GRADE_MAJOR,
        10, ""},
    {"ST-03", "UPDATE subject SET consent_on = '2023-12-31' WHERE subject_id = 101", NULL,
        GRADE_MAJOR, 1, ""},
    {"ST-04", NULL, "DELETE FROM delegation WHERE staff_id = 2", GRADE_MAJOR, 1, ""},
    {"ST-04",
        "INSERT INTO app_user VALUES (3, 'x', 'Somebody', 'coordinator');"
        "INSERT INTO audit_trail (at, user_id, action, form_id, reason)"
        " VALUES (1704499200000, 3, 'update', 1011, 'typing error')",
        NULL, GRADE_MAJOR, 1, "AT-03"},
    {"ST-04", NULL, "UPDATE delegation SET to_on = '2024-01-05' WHERE staff_id = 2", GRADE_MAJOR, 1,
        ""},
    {"ST-05", NULL, "UPDATE site_staff SET cv_on = NULL WHERE staff_id = 2", GRADE_MINOR, 1, ""},
    {"ST-06", NULL, "UPDATE site_staff SET licence_expires_on = '2024-10-31' WHERE staff_id = 2",
        GRADE_MAJOR, 1, ""},
    {"ST-06", NULL, "UPDATE site_staff SET licence_expires_on = NULL", GRADE_MAJOR, 1, ""},
    {"TR-01", NULL, "UPDATE site_staff SET gcp_expires_on = '2024-10-31' WHERE staff_id = 2",
        GRADE_MAJOR, 1, ""},
    {"TR-01", NULL, "UPDATE site_staff SET gcp_cert_on = NULL, gcp_expires_on = NULL", GRADE_MAJOR,
        2, ""},
    {"TR-02", NULL, "DELETE FROM training WHERE topic = 'edc'", GRADE_MAJOR, 1, ""},
    {"TR-02", NULL, "UPDATE training SET done_on = NULL WHERE topic = 'safety'", GRADE_MAJOR, 1,
        ""},
    {"TR-03", NULL, "UPDATE training SET done_on = '2024-01-02' WHERE topic = 'edc'", GRADE_MAJOR,
        1, ""},
    {"TR-04", NULL, "UPDATE training SET done_on = NULL WHERE version = '2.0'", GRADE_MINOR, 2, ""},
    {"TR-04", NULL,
        "UPDATE training SET done_on = '2024-07-02' WHERE version = '2.0' AND staff_id = 2",
        GRADE_MINOR, 1, ""},
    {"DOC-01", NULL,
        "UPDATE essential_doc SET received_on = NULL, status = 'missing' WHERE doc_id = 1",
        GRADE_MAJOR, 1, ""},
    {"DOC-01", NULL, "UPDATE essential_doc SET received_on = '2024-11-02' WHERE doc_id = 2",
        GRADE_MAJOR, 1, ""},
    {"DOC-02", NULL, "UPDATE essential_doc SET expires_on = '2024-10-31' WHERE doc_id = 3",
        GRADE_MINOR, 1, ""},
    {"DOC-02", NULL, "UPDATE essential_doc SET expires_on = '2024-10-31' WHERE doc_id = 5",
        GRADE_MAJOR, 1, ""},
    {"DOC-02", NULL,
        "UPDATE essential_doc SET expires_on = '2024-10-31' WHERE doc_id IN (1, 2, 3, 4)",
        GRADE_MAJOR, 4, ""},
    {"DOC-03", NULL, "UPDATE essential_doc SET expires_on = '2024-12-31' WHERE doc_id = 3",
        GRADE_RECOMMENDATION, 1, ""},
    {"DOC-04", NULL, "DELETE FROM essential_doc WHERE doc_id = 4", GRADE_MINOR, 1, ""},
    {"DOC-04", NULL, "DELETE FROM essential_doc WHERE doc_id IN (4, 5)", GRADE_MINOR, 2, ""},
    {"EP-01",
        "UPDATE epro_response SET status = 'missed', submitted_at = NULL WHERE subject_id > 104"
        " AND due_on > '2024-02' OR resp_id = 1011",
        NULL, GRADE_MINOR, 3, ""},
    {"EP-01",
        "UPDATE epro_response SET status = 'missed', submitted_at = NULL WHERE subject_id > 103",
        NULL, GRADE_MAJOR, 6, ""},
    {"EP-02",
        "UPDATE epro_response SET device = 'clinic' WHERE due_on = '2024-03-01' AND"
        " subject_id < 104",
        NULL, GRADE_MAJOR, 3, ""},
    {"EP-03", "UPDATE epro_response SET submitted_at = 1709280000000 WHERE subject_id = 101", NULL,
        GRADE_MAJOR, 2, ""},
    {"IM-01", "UPDATE image_series SET qc_status = 'fail' WHERE series_id = 101", NULL, GRADE_MINOR,
        1, ""},
    {"IM-02", "UPDATE image_series SET qc_status = 'pending' WHERE series_id < 103", NULL,
        GRADE_MINOR, 2, ""},
};

/* At the threshold, or allowed: the rule must keep silent. */
static const struct near_miss SITEFILE_NEAR_MISSES[] = {
    {"ST-01", NULL, "UPDATE delegation SET pi_signed_on = '2024-01-01'"},
    {"ST-02", NULL, "UPDATE delegation SET pi_signed_on = from_on"},
    {"ST-03", "UPDATE subject SET first_dose_on = '2023-12' WHERE subject_id = 101",
        "UPDATE delegation SET to_on = '2024-01-05' WHERE task = 'dosing'"},
    {"ST-04",
        "INSERT INTO audit_trail (at, user_id, action, form_id) VALUES (1709280000000, 2, 'sdv',"
        " 1011)",
        "UPDATE delegation SET to_on = '2024-01-06' WHERE staff_id = 2"},
    {"ST-05", NULL,
        "INSERT INTO site_staff VALUES (3, 1, 'Guest', 'nurse', NULL, NULL, NULL, NULL)"},
    {"ST-06", NULL, "UPDATE site_staff SET licence_expires_on = '2024-11-01' WHERE staff_id = 1"},
    {"TR-01", NULL,
        "UPDATE site_staff SET gcp_expires_on = '2024-11-01';"
        "INSERT INTO site_staff VALUES (3, 1, 'Guest', 'nurse', NULL, NULL, '2020-01-01', NULL)"},
    {"TR-02", NULL,
        "DELETE FROM training WHERE topic = 'gcp'"}, /* the certificate counts as training */
    {"TR-03", NULL, "UPDATE training SET done_on = '2024-01-01' WHERE topic = 'edc'"},
    {"TR-04", NULL,
        "UPDATE training SET done_on = '2024-07-01' WHERE version = '2.0';"
        "INSERT INTO ethics (site_id, kind, doc_version, approved_on)"
        " VALUES (1, 'protocol', '3.0', '2024-10-02')"},
    {"DOC-01", NULL, "UPDATE essential_doc SET received_on = '2024-11-01' WHERE doc_id = 1"},
    {"DOC-02", NULL, "UPDATE essential_doc SET expires_on = '2024-11-01' WHERE doc_id = 3"},
    {"DOC-03", NULL, "UPDATE essential_doc SET expires_on = '2025-01-01' WHERE doc_id = 3"},
    {"DOC-04", NULL, "DELETE FROM essential_doc WHERE location = 'tmf'"},
    {"EP-01",
        "UPDATE epro_response SET status = 'missed', submitted_at = NULL WHERE subject_id = 101;"
        "UPDATE epro_response SET status = 'late' WHERE subject_id > 103",
        NULL},
    {"EP-02",
        "UPDATE epro_response SET device = 'clinic' WHERE due_on = '2024-03-01' AND"
        " subject_id < 103;"
        "UPDATE epro_response SET device = 'clinic', submitted_at = 1709280000000 + 660000"
        " WHERE resp_id = 1032",
        NULL},
    {"EP-03", "UPDATE epro_response SET submitted_at = 1709280000000 - 660000 WHERE resp_id = 1011",
        NULL},
    {"IM-01",
        "UPDATE image_series SET qc_status = 'fail' WHERE series_id = 101;"
        "INSERT INTO image_series VALUES (999, 101, '1.2.999', 'CT', 40, '2024-01-12', NULL,"
        " 'pass')",
        NULL},
    {"IM-02",
        "UPDATE image_series SET qc_status = 'pending', on_date = '2024-10-02' WHERE"
        " series_id = 101",
        NULL},
};

#endif
