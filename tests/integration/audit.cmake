walkie_test(audit_rules_test PARALLEL SOURCES audit_rules_test.c audit_fixture.c audit_lab.c
    LINK walkie_audit walkie_schema walkie_stand_in)
walkie_test(audit_lab_test SOURCES audit_lab_test.c audit_fixture.c audit_lab.c
    LINK walkie_audit walkie_schema walkie_stand_in)
walkie_test(audit_build_test SOURCES audit_build_test.c audit_fixture.c LINK walkie_audit walkie_schema)
walkie_test(audit_demo_test PARALLEL SOURCES audit_demo_test.c audit_demo.c
    LINK walkie_audit walkie_import)
walkie_test(audit_stop_test SOURCES audit_stop_test.c audit_fixture.c LINK walkie_audit walkie_schema)
walkie_test(audit_blinding_test PARALLEL SOURCES audit_blinding_test.c audit_fixture.c
    LINK walkie_audit walkie_document walkie_schema)
walkie_test(export_stop_test
    SOURCES export_stop_test.c
        ${PROJECT_SOURCE_DIR}/tests/support/sample_report.c
        ${PROJECT_SOURCE_DIR}/tests/support/sample_charts.c
    LINK walkie_export walkie_document Threads::Threads m)
target_link_options(export_stop_test PRIVATE -Wl,--wrap=workbook_close)
walkie_postgres_test(audit_postgres_test PARALLEL
    SOURCES audit_postgres_test.c audit_demo.c ../support/database_copy.c
    LINK walkie_audit walkie_document walkie_model walkie_import walkie_schema)
walkie_test(audit_cache_test SOURCES audit_cache_test.c audit_fixture.c
    LINK walkie_audit walkie_schema walkie_log_file)
set(kri_oracle ../support/kri_oracle.c ../support/kri_oracle_rows.c ../support/kri_compare.c)
walkie_test(audit_indicators_test PARALLEL SOURCES audit_indicators_test.c audit_fixture.c audit_demo.c ${kri_oracle}
    LINK walkie_audit walkie_schema walkie_import m)
add_executable(kri_check kri_check.c ${kri_oracle})
target_include_directories(kri_check PRIVATE ${PROJECT_SOURCE_DIR}/tests)
target_link_libraries(kri_check PRIVATE walkie_flags walkie_audit m)
walkie_test(audit_follow_up_test SOURCES audit_follow_up_test.c audit_fixture.c
    LINK walkie_check walkie_audit walkie_schema)
walkie_test(audit_manifest_test PARALLEL SOURCES audit_manifest_test.c audit_demo.c audit_lab.c
    LINK walkie_audit walkie_import walkie_stand_in PkgConfig::CJSON)
walkie_test(audit_subject_test PARALLEL SOURCES audit_subject_test.c audit_fixture.c LINK walkie_audit walkie_schema)
