add_library(rpc_fixture STATIC
    ${PROJECT_SOURCE_DIR}/tests/support/certificates.c
    ${PROJECT_SOURCE_DIR}/tests/support/rpc_bare.c
    ${PROJECT_SOURCE_DIR}/tests/support/rpc_fixture.c
    ${PROJECT_SOURCE_DIR}/tests/support/rpc_process.c
    ${PROJECT_SOURCE_DIR}/tests/support/rpc_raw.c
    ${PROJECT_SOURCE_DIR}/tests/support/rpc_service.c
    ${PROJECT_SOURCE_DIR}/tests/support/rpc_shared_service.c
    ${PROJECT_SOURCE_DIR}/tests/support/rpc_tls_files.c)
target_include_directories(rpc_fixture PUBLIC ${PROJECT_SOURCE_DIR}/tests)
target_link_libraries(rpc_fixture PUBLIC walkie_rpc walkie_proto_report nng::nng
    PRIVATE walkie_flags PkgConfig::CRYPTO)

add_library(rpc_site STATIC ${PROJECT_SOURCE_DIR}/tests/support/rpc_site.c)
target_link_libraries(rpc_site PUBLIC rpc_fixture PRIVATE walkie_flags PkgConfig::CMOCKA)

walkie_test(rpc_call_test SOURCES rpc_call_test.c LINK rpc_fixture)
walkie_test(rpc_cancel_test SOURCES rpc_cancel_test.c LINK rpc_fixture)
walkie_test(rpc_cancel_many_test SOURCES rpc_cancel_many_test.c LINK rpc_fixture)
walkie_test(rpc_reflection_test SOURCES rpc_reflection_test.c LINK rpc_fixture walkie_service_descriptors)
walkie_test(rpc_late_end_test SOURCES rpc_late_end_test.c LINK rpc_site)
walkie_test(rpc_flight_test SOURCES rpc_flight_test.c LINK rpc_fixture)
walkie_test(rpc_flight_leave_test SOURCES rpc_flight_leave_test.c LINK rpc_fixture)
walkie_test(rpc_flight_storm_test SOURCES rpc_flight_storm_test.c
        ${PROJECT_SOURCE_DIR}/tests/support/failing_memory.c
    LINK rpc_fixture)
target_link_options(rpc_flight_storm_test PRIVATE -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc)
walkie_test(rpc_loss_test SOURCES rpc_loss_test.c LINK rpc_fixture)
walkie_test(rpc_backends_test SOURCES rpc_backends_test.c LINK rpc_site)
walkie_test(rpc_resolve_test SOURCES rpc_resolve_test.c LINK rpc_site)
target_link_options(rpc_resolve_test PRIVATE -Wl,--wrap=getaddrinfo)
walkie_test(rpc_links_storm_test SOURCES rpc_links_storm_test.c LINK rpc_site)
walkie_test(rpc_again_test SOURCES rpc_again_test.c
        ${PROJECT_SOURCE_DIR}/tests/support/failing_memory.c
    LINK rpc_site)
target_link_options(rpc_again_test PRIVATE
    -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=ctx_timer_start)
walkie_test(rpc_stream_test SOURCES rpc_stream_test.c LINK rpc_fixture)
walkie_test(rpc_storm_test SOURCES rpc_storm_test.c LINK rpc_fixture)
walkie_test(rpc_gather_test SOURCES rpc_gather_test.c LINK rpc_fixture)
target_link_options(rpc_gather_test PRIVATE -Wl,--wrap=nng_stream_send)
walkie_test(rpc_wire_test SOURCES rpc_wire_test.c LINK rpc_fixture)
walkie_test(rpc_stock_test SOURCES rpc_stock_test.c LINK rpc_fixture nng::nng)
# What proto/README.md shows; tests/checks/stock_client compares, tests/e2e/stock_test.sh runs it.
add_executable(stock_client stock_client.c)
target_link_libraries(stock_client PRIVATE walkie_flags nng::nng)
walkie_test(rpc_silence_test SOURCES rpc_silence_test.c LINK rpc_fixture)
walkie_test(rpc_log_test SOURCES rpc_log_test.c LINK rpc_fixture)
walkie_test(rpc_hops_test SOURCES rpc_hops_test.c LINK rpc_fixture)
walkie_test(rpc_interceptor_test SOURCES rpc_interceptor_test.c LINK rpc_fixture)
walkie_test(rpc_auth_test SOURCES rpc_auth_test.c LINK rpc_fixture walkie_crypto)
walkie_test(rpc_metadata_test SOURCES rpc_metadata_test.c LINK rpc_fixture)
walkie_test(rpc_admission_test SOURCES rpc_admission_test.c rpc_admission_service.c LINK rpc_fixture)
walkie_test(rpc_admission_storm_test SOURCES rpc_admission_storm_test.c LINK walkie_rpc)
walkie_test(rpc_memory_test SOURCES rpc_memory_test.c
        ${PROJECT_SOURCE_DIR}/tests/support/failing_memory.c
    LINK rpc_fixture)
target_link_options(rpc_memory_test PRIVATE -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc)
walkie_test(rpc_committed_test SOURCES rpc_committed_test.c LINK rpc_fixture)
walkie_test(rpc_pause_test SOURCES rpc_pause_test.c rpc_pause_look.c rpc_admission_service.c LINK rpc_fixture)
walkie_test(rpc_pause_storm_test SOURCES rpc_pause_storm_test.c rpc_pause_look.c rpc_admission_service.c
    LINK rpc_fixture walkie_log_file)
walkie_test(rpc_deaf_test SOURCES rpc_deaf_test.c LINK rpc_fixture walkie_log_file)
walkie_test(rpc_tls_test SOURCES rpc_tls_test.c LINK rpc_fixture)
walkie_test(rpc_tls_error_test SOURCES rpc_tls_error_test.c LINK rpc_fixture walkie_log_file)
walkie_test(rpc_tls_reload_test SOURCES rpc_tls_reload_test.c LINK rpc_fixture walkie_log_file)
walkie_test(rpc_tls_silence_test SOURCES rpc_tls_silence_test.c LINK rpc_fixture)
walkie_test(rpc_tls_loss_test SOURCES rpc_tls_loss_test.c LINK rpc_fixture nng::nng)
walkie_test(rpc_leak_test SOURCES rpc_leak_test.c LINK rpc_fixture walkie_log_file)
walkie_test(rpc_tls_memory_test SOURCES rpc_tls_memory_test.c LINK rpc_fixture)
target_link_options(rpc_tls_memory_test PRIVATE
    -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=strdup)
walkie_test(rpc_detached_test SOURCES rpc_detached_test.c LINK rpc_fixture walkie_log_file)
