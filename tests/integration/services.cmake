walkie_test(cancel_sweep_test
    SOURCES cancel_sweep_test.c audit_demo.c
        ${PROJECT_SOURCE_DIR}/tests/support/sweep_call.c
        ${PROJECT_SOURCE_DIR}/tests/support/sweep_service.c
        ${PROJECT_SOURCE_DIR}/tests/support/sweep_watch.c
    LINK rpc_fixture walkie_service_api walkie_import walkie_report_methods walkie_crypto)
target_link_options(cancel_sweep_test PRIVATE
    -Wl,--wrap=ctx_checkpoint,--wrap=log_event,--wrap=rpc_call_finish)
walkie_test(rpc_tempest_test SOURCES rpc_tempest_test.c
    LINK rpc_fixture walkie_service_api walkie_report_methods)
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
    LINK rpc_fixture walkie_service_api walkie_schema walkie_report_methods PkgConfig::ARCHIVE
        PkgConfig::CJSON)
target_link_options(study_reports_test PRIVATE -Wl,--wrap=audit_build)
walkie_test(report_stop_test SOURCES report_stop_test.c report_stop_sqlite.c audit_demo.c
    LINK walkie_stop_service walkie_import)
target_link_options(report_stop_test PRIVATE ${STOP_SERVICE_WRAPS})
