walkie_test(cancel_sweep_test PARALLEL
    SOURCES cancel_sweep_test.c audit_demo.c
        ${PROJECT_SOURCE_DIR}/tests/support/sweep_call.c
        ${PROJECT_SOURCE_DIR}/tests/support/sweep_service.c
        ${PROJECT_SOURCE_DIR}/tests/support/sweep_watch.c
    LINK rpc_fixture walkie_service_api walkie_import walkie_services walkie_crypto)
target_link_options(cancel_sweep_test PRIVATE
    -Wl,--wrap=ctx_checkpoint,--wrap=log_event,--wrap=rpc_call_finish,--wrap=rpc_call_pause)
walkie_test(rpc_tempest_test SOURCES rpc_tempest_test.c
    LINK rpc_fixture walkie_service_api walkie_services)
target_link_options(rpc_tempest_test PRIVATE -Wl,--wrap=log_event)
walkie_test(rpc_stop_test SOURCES rpc_stop_test.c LINK rpc_fixture nng::nng)
target_link_options(rpc_stop_test PRIVATE
    -Wl,--wrap=server_connection_add,--wrap=server_connection_cancel_all)
walkie_test(service_flight_key_test SOURCES service_flight_key_test.c audit_fixture.c
    LINK walkie_service_api walkie_schema)
walkie_test(rpc_allocation_test
    SOURCES rpc_allocation_test.c ${PROJECT_SOURCE_DIR}/tests/support/failing_memory.c
    LINK rpc_fixture)
target_link_options(rpc_allocation_test PRIVATE -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc)
walkie_test(study_reports_test SOURCES study_reports_test.c study_fixture.c audit_fixture.c
    LINK rpc_fixture walkie_service_api walkie_schema walkie_services PkgConfig::ARCHIVE
        PkgConfig::CJSON)
target_link_options(study_reports_test PRIVATE -Wl,--wrap=audit_build)
walkie_test(report_stop_test SOURCES report_stop_test.c report_stop_sqlite.c audit_demo.c
    LINK walkie_stop_service walkie_import)
target_link_options(report_stop_test PRIVATE ${STOP_SERVICE_WRAPS})
walkie_postgres_test(report_stop_postgres_test
    SOURCES report_stop_test.c report_stop_postgres.c audit_demo.c
        ${PROJECT_SOURCE_DIR}/tests/support/database_copy.c
    LINK walkie_stop_service walkie_import)
target_link_options(report_stop_postgres_test PRIVATE ${STOP_SERVICE_WRAPS})
target_compile_definitions(report_stop_postgres_test PRIVATE STOP_STUDY_NAME="report_stop")

# Points of a report: what it calls to wait, to ask and to listen.
set(audit_points_wraps
    -Wl,--wrap=ctx_checkpoint,--wrap=db_begin_from,--wrap=db_query_from,--wrap=db_next_from
    -Wl,--wrap=http_client_call_from)
walkie_test(audit_points_test PARALLEL SOURCES audit_points_test.c report_stop_sqlite.c audit_demo.c audit_lab.c
    LINK walkie_audit walkie_import walkie_stand_in)
target_link_options(audit_points_test PRIVATE ${audit_points_wraps})
walkie_postgres_test(audit_points_postgres_test PARALLEL
    SOURCES audit_points_test.c report_stop_postgres.c audit_demo.c audit_lab.c
        ${PROJECT_SOURCE_DIR}/tests/support/database_copy.c
    LINK walkie_audit walkie_import walkie_stand_in)
target_link_options(audit_points_postgres_test PRIVATE ${audit_points_wraps})
target_compile_definitions(audit_points_postgres_test PRIVATE STOP_STUDY_NAME="audit_points")
walkie_test(audit_lab_memory_test PARALLEL
    SOURCES audit_lab_memory_test.c audit_lab.c audit_fixture.c
        ${PROJECT_SOURCE_DIR}/tests/support/failing_memory.c
    LINK walkie_audit walkie_schema walkie_stand_in PkgConfig::CJSON)
target_link_options(audit_lab_memory_test PRIVATE -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc)
walkie_test(gateway_jobs_test
    SOURCES gateway_jobs_test.c ${PROJECT_SOURCE_DIR}/tests/support/job_service.c
    LINK rpc_fixture walkie_gateway_api)
