set(crf_fixture crf_fixture.c crf_dump.c)
walkie_test(crf_run_test PARALLEL SOURCES crf_run_test.c ${crf_fixture}
    LINK walkie_crf walkie_schema PkgConfig::CJSON)
walkie_test(crf_write_test PARALLEL SOURCES crf_write_test.c ${crf_fixture}
    LINK walkie_crf walkie_schema PkgConfig::CJSON Threads::Threads)
walkie_test(crf_manifest_test PARALLEL SOURCES crf_manifest_test.c audit_demo.c
    LINK walkie_crf walkie_import PkgConfig::CJSON)
walkie_test(crf_budget_test PARALLEL SOURCES crf_budget_test.c ${crf_fixture}
    LINK walkie_crf walkie_schema PkgConfig::CJSON)
walkie_postgres_test(crf_postgres_test PARALLEL
    SOURCES crf_postgres_test.c ${crf_fixture} audit_demo.c ../support/database_copy.c
    LINK walkie_crf walkie_import walkie_schema PkgConfig::CJSON)
walkie_postgres_test(crf_trial_test PARALLEL SOURCES crf_trial_test.c ${crf_fixture}
    LINK walkie_crf walkie_schema PkgConfig::CJSON)
walkie_test(check_share_test PARALLEL SOURCES check_share_test.c ../support/check_study.c
    LINK walkie_check_language Threads::Threads)
