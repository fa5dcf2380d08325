add_library(walkie_http_fixture STATIC http_fixture.c
    ${PROJECT_SOURCE_DIR}/tests/support/certificates.c ${PROJECT_SOURCE_DIR}/tests/support/tls_client.c)
target_include_directories(walkie_http_fixture PUBLIC ${PROJECT_SOURCE_DIR}/tests)
target_link_libraries(walkie_http_fixture
    PUBLIC walkie_http walkie_ctx walkie_base PkgConfig::CMOCKA
    PRIVATE walkie_flags Threads::Threads PkgConfig::SSL PkgConfig::CRYPTO)

walkie_test(http_disconnect_test SOURCES http_disconnect_test.c LINK walkie_http_fixture)
walkie_test(http_answer_test SOURCES http_answer_test.c LINK walkie_http_fixture)
walkie_test(http_stream_test SOURCES http_stream_test.c LINK walkie_http_fixture)
walkie_test(http_limit_test SOURCES http_limit_test.c LINK walkie_http_fixture)
walkie_test(http_body_room_test SOURCES http_body_room_test.c LINK walkie_http_fixture)
walkie_test(http_strict_test SOURCES http_strict_test.c LINK walkie_http_fixture)
walkie_test(http_server_test SOURCES http_server_test.c LINK walkie_http_fixture)
walkie_test(http_storm_test SOURCES http_storm_test.c http_storm.c
    LINK walkie_http_fixture Threads::Threads)
walkie_test(http_client_test SOURCES http_client_test.c http_site.c
    LINK walkie_http walkie_log_file Threads::Threads)
