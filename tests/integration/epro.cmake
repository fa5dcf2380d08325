walkie_test(epro_job_test PARALLEL SOURCES epro_job_test.c epro_fixture.c LINK walkie_epro)
walkie_postgres_test(epro_postgres_test PARALLEL SOURCES epro_job_test.c epro_fixture.c LINK walkie_epro)
target_compile_definitions(epro_postgres_test PRIVATE EPRO_POSTGRES="epro_job_test")
walkie_test(epro_alert_test PARALLEL SOURCES epro_alert_test.c epro_fixture.c LINK walkie_epro)
walkie_postgres_test(epro_alert_postgres_test PARALLEL SOURCES epro_alert_test.c epro_fixture.c LINK walkie_epro)
target_compile_definitions(epro_alert_postgres_test PRIVATE EPRO_POSTGRES="epro_alert_test")
walkie_test(epro_reject_test PARALLEL SOURCES epro_reject_test.c epro_fixture.c LINK walkie_epro)
target_compile_definitions(epro_reject_test PRIVATE EPRO_DATA="${PROJECT_SOURCE_DIR}/tests/data/epro"
    SHARED_EPRO="${PROJECT_SOURCE_DIR}/../shared/data/epro")
walkie_test(epro_place_test PARALLEL SOURCES epro_place_test.c epro_fixture.c LINK walkie_epro)
walkie_test(epro_stop_test PARALLEL SOURCES epro_stop_test.c epro_fixture.c
    ${PROJECT_SOURCE_DIR}/tests/support/failing_memory.c LINK walkie_epro)
walkie_postgres_test(epro_stop_postgres_test PARALLEL SOURCES epro_stop_test.c epro_fixture.c
    ${PROJECT_SOURCE_DIR}/tests/support/failing_memory.c LINK walkie_epro)
target_compile_definitions(epro_stop_postgres_test PRIVATE EPRO_POSTGRES="epro_stop_test")
foreach(name epro_stop_test epro_stop_postgres_test)
    target_link_options(${name} PRIVATE -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc)
endforeach()
walkie_test(epro_audit_test PARALLEL SOURCES epro_audit_test.c audit_fixture.c
    LINK walkie_epro walkie_audit walkie_schema)
walkie_test(epro_service_test SOURCES epro_service_test.c epro_call.c epro_fixture.c rpc_pause_look.c
    LINK rpc_fixture walkie_service_api walkie_services walkie_log_file)
target_link_options(epro_service_test PRIVATE -Wl,--wrap=ctx_checkpoint)
