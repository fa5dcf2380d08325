/* The part of the fault-free study that sections 14 to 16 look at: staff, documents, questionnaires
 * and images of site 01. Run after the rest of it; see audit_fixture.h.
 *
 * Stamps: 1704499200000 is 2024-01-06, 1709280000000 is 2024-03-01. */
#ifndef WALKIE_TESTS_AUDIT_FIXTURE_SITEFILE_H
#define WALKIE_TESTS_AUDIT_FIXTURE_SITEFILE_H

/* Person 1 is the investigator, 2 the coordinator; the second protocol was approved on 2024-06-01.
 */
static const char SITEFILE_CTMS_SQL[] =
    "INSERT INTO site_staff VALUES"
    " (1, 1, 'Dr 1', 'pi', '2023-11-01', '2023-06-01', '2026-06-01', '2026-01-01'),"
    " (2, 1, '王 Coordinator', 'coordinator', '2023-11-02', '2023-06-02', '2026-06-02', NULL);"
    "INSERT INTO delegation (staff_id, task, from_on, to_on, pi_signed_on) VALUES"
    " (1, 'consent', '2024-01-01', NULL, '2024-01-01'),"
    " (1, 'eligibility', '2024-01-01', NULL, '2024-01-01'),"
    " (1, 'safety', '2024-01-01', NULL, '2024-01-01'),"
    " (1, 'dosing', '2024-01-01', NULL, '2024-01-01'),"
    " (2, 'data_entry', '2024-01-01', NULL, '2023-12-31');"
    "INSERT INTO training (staff_id, topic, version, done_on) VALUES"
    " (1, 'gcp', NULL, '2023-06-01'), (1, 'protocol', '1.0', '2023-12-20'),"
    " (1, 'icf', '1.0', '2023-12-20'), (1, 'safety', NULL, '2023-12-20'),"
    " (1, 'protocol', '2.0', '2024-06-10'), (1, 'icf', '2.0', '2024-06-10'),"
    " (2, 'gcp', NULL, '2023-06-02'), (2, 'protocol', '1.0', '2023-12-21'),"
    " (2, 'edc', NULL, '2023-12-21'), (2, 'protocol', '2.0', '2024-06-30');"
    "INSERT INTO ethics (site_id, kind, doc_version, submitted_on, approved_on)"
    " VALUES (1, 'protocol', '2.0', '2024-05-01', '2024-06-01');"
    "INSERT INTO essential_doc (doc_id, site_id, tmf_ref, title, required, version, received_on,"
    " expires_on, location, status) VALUES"
    " (1, 1, '02.01.02', 'Protocol', 1, '2.0', '2024-06-02', NULL, 'isf', 'current'),"
    " (2, 1, '02.01.02', 'Protocol', 1, '2.0', '2024-06-02', NULL, 'tmf', 'current'),"
    " (3, 1, '08.01.01', 'Laboratory certificate', 1, NULL, '2023-12-01', '2025-12-01', 'isf',"
    " 'current'),"
    " (4, 1, '08.01.01', 'Laboratory certificate', 1, NULL, '2023-12-01', '2025-12-01', 'tmf',"
    " 'current'),"
    " (5, 1, '04.01.02', 'Ethics approval', 1, NULL, '2023-11-01', '2025-11-01', 'isf', 'current'),"
    " (6, 1, '04.01.02', 'Ethics approval', 1, NULL, '2023-11-01', '2025-11-01', 'tmf', 'current'),"
    " (7, 1, '02.01.02', 'Protocol', 1, '1.0', '2023-12-01', '2024-06-01', 'isf', 'superseded'),"
    " (8, 1, '05.04.01', 'Screening log', 0, NULL, NULL, NULL, 'isf', 'missing');";

/* Twelve questionnaires of site 01, each from the subject's own device; ten image series. */
static const char SITEFILE_EDC_SQL[] =
    "INSERT INTO app_user VALUES (1, 'crc01', '王 Coordinator', 'coordinator'),"
    " (2, 'cra', 'Monitor', 'monitor');"
    "INSERT INTO audit_trail (at, user_id, action, form_id, reason)"
    " SELECT 1704499200000, 1, 'insert', form_id, NULL FROM form WHERE form_id < 2000;"
    "INSERT INTO epro_response (resp_id, subject_id, instrument, event_def_id, due_on,"
    " submitted_at, device, score, status)"
    " SELECT subject_id * 10 + k, subject_id, 'EQ-5D', 1, CASE k WHEN 1 THEN '2024-01-05' ELSE"
    " '2024-03-01' END, CASE k WHEN 1 THEN 1704499200000 ELSE 1709280000000 END + subject_id,"
    " 'phone-' || subject_id, 5, 'submitted' FROM subject, (SELECT 1 AS k UNION ALL SELECT 2)"
    " WHERE site_id = 1 AND subject_id < 107;"
    "INSERT INTO image_series (series_id, subject_id, series_uid, modality, n_slices, on_date,"
    " qc_status) SELECT subject_id, subject_id, '1.2.' || subject_id, 'CT', 40, '2024-01-05',"
    " 'pass' FROM subject WHERE site_id = 1;";

#endif
