/* Cases of subjects, safety, data and follow-up that come close to a fault and are none. Included
 * by audit_rules_test.c; audit_plants.h says what a near miss is. */
#ifndef WALKIE_TESTS_AUDIT_NEAR_MISSES_STUDY_H
#define WALKIE_TESTS_AUDIT_NEAR_MISSES_STUDY_H

#include "audit_plants.h"
#include "audit_plants_study.h" /* VERSION_2, SEEN_AGAIN */

static const struct near_miss STUDY_NEAR_MISSES[] = {
    /* ten enrolled are half of twenty */
    {"EN-01", NULL, "UPDATE site SET plan_subjects = 20 WHERE site_id = 1"},
    {"EN-02",
        "UPDATE subject SET status = 'discontinued', discont_on = '2024-11-02' WHERE subject_id ="
        " 102",
        NULL}, /* leaves after the report's day */
    {"EN-03",
        "UPDATE subject SET status = 'discontinued', discont_on = '2024-05-01', discont_reason ="
        " 'other' WHERE subject_id BETWEEN 101 AND 103",
        NULL}, /* 3 of 10 */
    {"PF-01", NULL, "UPDATE finding SET closed_on = NULL, capa_due_on = '2024-11-01'"},
    {"PF-02", "UPDATE form SET sdv_status = 0 WHERE form_id = 1012", NULL}, /* another rule's */
    {"AC-01", NULL,
        "UPDATE action_item SET closed_on = NULL, due_on = '2024-11-01' WHERE site_id = 1"},
    {"MV-01", NULL, "UPDATE visit SET report_done_on = '2024-04-20' WHERE site_id = 1"},
    {"KRI-01", "DELETE FROM adverse_event WHERE subject_id = 110 AND seq = 2", NULL},
    {"KRI-02", "DELETE FROM adverse_event WHERE subject_id = 109 AND seq = 2", NULL},
    {"KRI-03", "DELETE FROM adverse_event WHERE subject_id = 108 AND seq = 2", NULL},
    {"DEV-01", NULL,
        "UPDATE deviation SET important = 1, reported_ec_on = '2024-11-01' WHERE site_id = 1;"
        "INSERT INTO deviation (site_id, category, important, occurred_on, found_on, status)"
        " VALUES (1, 'schedule', 0, '2024-03-01', '2024-03-01', 'closed')"},
    {"DEV-02", NULL, "UPDATE deviation SET occurred_on = '2024-03' WHERE site_id = 1"},
    {"DEV-03", NULL, "UPDATE deviation SET important = 0, capa = NULL WHERE site_id = 1"},
    {"DEV-04", NULL,
        "INSERT INTO deviation (site_id, category, important, occurred_on, found_on,"
        " reported_ec_on, capa, status) SELECT 1, 'dosing', 1, '2024-03-01', '2024-03-01',"
        " '2024-03-02', 'done', 'closed' FROM site WHERE site_id < 5"},
    {"SAE-01", NULL,
        "UPDATE sae_report SET reported_sponsor_at = aware_at + 86400000 WHERE site_id = 1"},
    {"SAE-02", "UPDATE adverse_event SET serious = 0 WHERE subject_id = 101",
        "DELETE FROM sae_report WHERE site_id = 1"},
    {"SAE-03", "UPDATE adverse_event SET severity = NULL WHERE subject_id = 101", NULL},
    {"SAE-04", NULL,
        "UPDATE sae_report SET susar = 1, reported_ra_at = reported_sponsor_at + 15 * 86400000"
        " WHERE site_id = 1"},
    {"SAE-05", "UPDATE adverse_event SET aware_at = aware_at - 86400000 WHERE subject_id = 101",
        NULL},
    {"AE-01",
        "UPDATE adverse_event SET aware_at = entered_at - 10 * 86400000"
        " WHERE subject_id = 102 AND seq = 1",
        NULL},
    /* two of twenty pages are a tenth */
    {"DQ-01",
        "UPDATE form SET first_entry_at = first_entry_at + 11 * 86400000 WHERE form_id < 1020",
        NULL},
    {"DQ-02",
        "UPDATE query SET status = 'open', opened_at = 1727827200000, closed_at = NULL"
        " WHERE form_id = 1011",
        NULL}, /* 2024-10-02: thirty days */
    {"DQ-03",
        "INSERT INTO subject_event VALUES (9001, 101, 1, 2, '2024-10-22', 'done');"
        "INSERT INTO form (event_id, form_def_id, status) VALUES (9001, 2, 'missing')",
        NULL}, /* ten days after the visit */
    {"DQ-04", "UPDATE item_data SET n_changes = 1 WHERE form_id < 1020", NULL}, /* 20 of 200 */
    {"DQ-05", "UPDATE form SET locked_at = 1704585600000 WHERE form_id = 1012", NULL},
    {"SDV-01",
        "UPDATE form SET first_entry_at = 1725235200000, sdv_status = 1 WHERE form_id = 1011",
        NULL}, /* 2024-09-02: sixty days */
    {"LB-01", "UPDATE lab_result SET on_date = '2024-02-08' WHERE lab_id = 4", NULL}, /* a week */
    {"LB-02", "UPDATE lab_result SET on_date = '2024-02-08' WHERE lab_id = 4", NULL},
    {"LB-03", "UPDATE lab_result SET value = 1.5000000001 WHERE lab_id = 4", NULL},
    {"LB-04", "UPDATE lab_result SET value = 15 WHERE lab_id = 4", NULL}, /* another rule's */
    {"LB-05", "UPDATE lab_result SET value = 15 WHERE lab_id = 4", NULL},
    {"IC-01", "UPDATE consent SET signed_on = '2024-01-05' WHERE subject_id = 101", NULL},
    /* a version approved the day after the signature */
    {"IC-02", NULL,
        "INSERT INTO ethics (site_id, kind, doc_version, approved_on)"
        " VALUES (1, 'icf', '2.0', '2024-01-02')"},
    {"IC-03", NULL,
        "UPDATE ethics SET approved_on = '2024-01-01' WHERE kind = 'icf' AND site_id = 1"},
    /* nobody was seen after the new version */
    {"IC-04", NULL, VERSION_2},
    {"IC-05",
        SEEN_AGAIN("2024-07-01") "INSERT INTO consent (subject_id, version, signed_on)"
                                 " VALUES (101, '2.0', '2024-07-01')",
        VERSION_2},
    {"IC-06",
        "INSERT INTO subject (subject_id, site_id, subject_no, status, screened_on)"
        " VALUES (199, 1, '01-099', 'screening', '2024-11-02')",
        NULL},
    {"EL-01",
        "UPDATE subject SET status = 'screen_failed', enrolled_on = NULL WHERE subject_id = 101;"
        "UPDATE eligibility SET is_met = 0 WHERE subject_id = 101 AND code = 'E01'",
        NULL},
    {"EL-02",
        "UPDATE subject SET status = 'screen_failed', enrolled_on = NULL WHERE subject_id = 101;"
        "UPDATE eligibility SET is_met = NULL WHERE subject_id = 101",
        NULL},
    {"EL-03", NULL, VERSION_2}, /* enrolled before it */
};

#endif
