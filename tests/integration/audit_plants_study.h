/* Faults of subjects, safety, data and follow-up. Included by audit_rules_test.c; audit_plants.h
 * says what a plant is. */
#ifndef WALKIE_TESTS_AUDIT_PLANTS_STUDY_H
#define WALKIE_TESTS_AUDIT_PLANTS_STUDY_H

#include "audit_plants.h"

#define KRI "KRI-02 KRI-03"
#define DAY "86400000"

/* Version 2.0 of both documents is approved on 2024-06-01; subject 01-001 is seen again a month
 * later. */
#define VERSION_2                                                                                  \
    "INSERT INTO ethics (site_id, kind, doc_version, approved_on) VALUES"                          \
    " (1, 'icf', '2.0', '2024-06-01'), (1, 'protocol', '2.0', '2024-06-01')"
#define SEEN_AGAIN(day)                                                                            \
    "INSERT INTO subject_event (subject_id, event_def_id, repeat_no, visit_on, status)"            \
    " VALUES (101, 1, 2, '" day "', 'done');"

static const struct plant STUDY_PLANTS[] = {
    {"EN-01", NULL, "UPDATE site SET plan_subjects = 40 WHERE site_id = 1", GRADE_MINOR, 10, ""},
    {"EN-02",
        "UPDATE subject SET status = 'discontinued', discont_on = '2024-05-01'"
        " WHERE subject_id = 102",
        NULL, GRADE_MINOR, 1, KRI},
    {"EN-03",
        "UPDATE subject SET status = 'discontinued', discont_on = '2024-05-01',"
        " discont_reason = 'other' WHERE subject_id BETWEEN 101 AND 104",
        NULL, GRADE_RECOMMENDATION, 4, KRI},
    {"PF-01", NULL, "UPDATE finding SET closed_on = NULL", GRADE_MAJOR, 1, ""},
    {"PF-01", NULL, "UPDATE finding SET closed_on = '2024-11-02'", GRADE_MAJOR, 1, ""},
    {"PF-02", "UPDATE form SET sdv_status = 1 WHERE form_id = 1011", NULL, GRADE_MAJOR, 1,
        "SDV-01"},
    {"AC-01", NULL, "UPDATE action_item SET closed_on = NULL WHERE site_id = 1", GRADE_MINOR, 1,
        ""},
    {"AC-01", NULL, "UPDATE action_item SET closed_on = NULL, severity = 'major' WHERE site_id = 1",
        GRADE_MAJOR, 1, ""},
    {"MV-01", NULL, "UPDATE visit SET report_done_on = '2024-05-20' WHERE site_id = 1", GRADE_MINOR,
        1, ""},
    {"MV-01", NULL, "UPDATE visit SET report_done_on = NULL WHERE site_id = 1", GRADE_MINOR, 1, ""},
    {"KRI-01", "DELETE FROM adverse_event WHERE serious = 0 AND (subject_id < 200 OR seq > 2)",
        NULL, GRADE_MAJOR, 1, ""},
    {"KRI-02",
        "DELETE FROM query WHERE form_id > 80000 AND form_id % 10 = 2;"
        "INSERT INTO query (form_id, origin, status, opened_at, closed_at)"
        " SELECT form_id, 'system', 'closed', 1704499200000, 1704585600000 FROM form"
        " WHERE form_id < 2000",
        NULL, GRADE_MINOR, 1, ""},
    {"KRI-03",
        "DELETE FROM query WHERE form_id > 80000 AND form_id % 10 = 2;"
        "INSERT INTO query (form_id, origin, status, opened_at, closed_at)"
        " SELECT form_id, 'system', 'closed', 1704499200000, 1704585600000 FROM form"
        " WHERE form_id < 3000",
        NULL, GRADE_RECOMMENDATION, 1, ""},
    {"DEV-01", NULL, "UPDATE deviation SET important = 1, reported_ec_on = NULL WHERE site_id = 1",
        GRADE_MAJOR, 1, KRI},
    {"DEV-01", NULL,
        "UPDATE deviation SET important = 1, reported_ec_on = '2024-11-02' WHERE site_id = 1",
        GRADE_MAJOR, 1, KRI},
    {"DEV-02", NULL, "UPDATE deviation SET occurred_on = NULL WHERE site_id = 1", GRADE_MINOR, 1,
        ""},
    {"DEV-03", NULL, "UPDATE deviation SET important = 1, capa = '' WHERE site_id = 1", GRADE_MINOR,
        1, KRI},
    {"DEV-04", NULL,
        "INSERT INTO deviation (site_id, category, important, occurred_on, found_on,"
        " reported_ec_on, capa, status) SELECT 1, 'dosing', 1, '2024-03-01', '2024-03-01',"
        " '2024-03-02', 'done', 'closed' FROM site WHERE site_id < 6",
        GRADE_MAJOR, 5, KRI},
    {"SAE-01", NULL,
        "UPDATE sae_report SET reported_sponsor_at = aware_at + 86400001 WHERE site_id = 1",
        GRADE_MAJOR, 1, ""},
    {"SAE-01", "UPDATE adverse_event SET grade = 4 WHERE subject_id = 101",
        "UPDATE sae_report SET reported_sponsor_at = NULL WHERE site_id = 1", GRADE_CRITICAL, 1,
        ""},
    {"SAE-02", NULL, "DELETE FROM sae_report WHERE site_id = 1", GRADE_MAJOR, 1, ""},
    {"SAE-03", "UPDATE adverse_event SET serious = 0 WHERE subject_id = 101", NULL, GRADE_MAJOR, 1,
        ""},
    {"SAE-04", NULL, "UPDATE sae_report SET susar = 1 WHERE site_id = 1", GRADE_CRITICAL, 1, ""},
    {"SAE-04", "UPDATE adverse_event SET grade = 5 WHERE subject_id = 101",
        "UPDATE sae_report SET susar = 1, reported_ra_at = reported_sponsor_at + 8 * " DAY
        " WHERE site_id = 1",
        GRADE_CRITICAL, 1, ""},
    {"SAE-05", "UPDATE adverse_event SET aware_at = aware_at - 2 * " DAY " WHERE subject_id = 101",
        NULL, GRADE_MINOR, 1, ""},
    {"AE-01",
        "UPDATE adverse_event SET aware_at = entered_at - 12 * " DAY
        " WHERE subject_id = 102 AND seq = 1",
        NULL, GRADE_MINOR, 1, ""},
    {"DQ-01", "UPDATE form SET first_entry_at = first_entry_at + 11 * " DAY " WHERE form_id < 1040",
        NULL, GRADE_MAJOR, 6, KRI},
    {"DQ-02", "UPDATE query SET status = 'open', closed_at = NULL WHERE form_id = 1011", NULL,
        GRADE_MINOR, 1, KRI},
    {"DQ-02", "UPDATE query SET closed_at = 1730505600000 WHERE form_id = 1011", NULL, GRADE_MINOR,
        1, KRI},
    {"DQ-03",
        "INSERT INTO form (event_id, form_def_id, repeat_no, status)"
        " VALUES (101, 2, 2, 'missing')",
        NULL, GRADE_MINOR, 1, ""},
    {"DQ-03", "UPDATE form SET status = 'missing', first_entry_at = NULL WHERE form_id < 1030",
        NULL, GRADE_MAJOR, 4, KRI},
    {"DQ-04", "UPDATE item_data SET n_changes = 1 WHERE form_id < 1030", NULL, GRADE_MINOR, 40,
        KRI},
    {"DQ-05", "UPDATE form SET locked_at = 1704585600000, pi_signed_at = NULL WHERE form_id = 1012",
        NULL, GRADE_MAJOR, 1, ""},
    {"LB-01", "DELETE FROM lab_result WHERE lab_id = 4", NULL, GRADE_MINOR, 1, ""},
    {"LB-01", "DELETE FROM lab_result WHERE subject_id IN (109, 110)", NULL, GRADE_MAJOR, 10, ""},
    {"LB-02",
        "INSERT INTO lab_result (subject_id, test, on_date, value, tox_grade)"
        " VALUES (101, 'AST', '2024-02-01', 1.5, 0)",
        NULL, GRADE_MAJOR, 1, ""},
    {"LB-03", "UPDATE lab_result SET value = 15 WHERE lab_id = 4", NULL, GRADE_MINOR, 1, ""},
    {"LB-04", "UPDATE lab_result SET on_date = '2024-02-03' WHERE lab_id = 4", NULL, GRADE_MINOR, 1,
        ""},
    {"LB-05", "UPDATE lab_result SET flag = 'N' WHERE subject_id = 101", NULL, GRADE_MAJOR, 1, ""},
    {"LB-05", "UPDATE lab_result SET flag = 'L' WHERE lab_id = 4", NULL, GRADE_MINOR, 1, ""},
    {"SDV-01", "UPDATE form SET sdv_status = 0 WHERE form_id = 1011", NULL, GRADE_MINOR, 1,
        "PF-02"},
    {"SDV-01", "UPDATE form SET sdv_at = 1730505600000 WHERE form_id < 2000", NULL, GRADE_MAJOR, 10,
        "PF-02"},
    {"IC-01", "UPDATE consent SET signed_on = '2024-01-06' WHERE subject_id = 101", NULL,
        GRADE_CRITICAL, 1, ""},
    {"IC-02", "UPDATE consent SET version = '0.9' WHERE subject_id = 101",
        "INSERT INTO ethics (site_id, kind, doc_version, approved_on)"
        " VALUES (1, 'icf', '0.9', '2023-11-01')",
        GRADE_MAJOR, 1, ""},
    {"IC-03", "UPDATE consent SET version = '2.0' WHERE subject_id < 103", NULL, GRADE_MAJOR, 2,
        ""},
    {"IC-03", "UPDATE consent SET version = '2.0' WHERE subject_id = 101;" SEEN_AGAIN("2024-07-01"),
        VERSION_2, GRADE_MAJOR, 1, ""},
    {"IC-04", SEEN_AGAIN("2024-07-01"), VERSION_2, GRADE_MAJOR, 1, ""},
    {"IC-04",
        SEEN_AGAIN("2024-07-01") "INSERT INTO consent (subject_id, version, signed_on)"
                                 " VALUES (101, '2.0', '2024-11-02')",
        VERSION_2, GRADE_MAJOR, 1, ""},
    {"IC-05",
        SEEN_AGAIN("2024-07-01") "INSERT INTO consent (subject_id, version, signed_on)"
                                 " VALUES (101, '2.0', '2024-07-15')",
        VERSION_2, GRADE_MINOR, 1, ""},
    {"IC-06", "DELETE FROM consent WHERE subject_id = 101", NULL, GRADE_CRITICAL, 1, ""},
    {"IC-06", "UPDATE consent SET signed_on = '2024-11-02' WHERE subject_id < 103", NULL,
        GRADE_CRITICAL, 2, ""},
    {"EL-01", "UPDATE eligibility SET is_met = 0 WHERE subject_id = 101 AND code = 'E01'", NULL,
        GRADE_MAJOR, 1, ""},
    {"EL-01", "UPDATE eligibility SET is_met = 0 WHERE subject_id < 106 AND code <> 'I01'", NULL,
        GRADE_CRITICAL, 15, ""},
    {"EL-02", "UPDATE eligibility SET is_met = NULL WHERE subject_id = 101 AND code = 'I02'", NULL,
        GRADE_MINOR, 1, ""},
    {"EL-02", "DELETE FROM eligibility WHERE subject_id = 101", NULL, GRADE_MAJOR, 1, ""},
    {"EL-03", "UPDATE eligibility SET protocol_version = '2.0' WHERE subject_id = 101", VERSION_2,
        GRADE_MINOR, 1, ""},
};

#endif
