add_library(walkie_h2_client STATIC ${PROJECT_SOURCE_DIR}/tests/support/h2_client.c)
target_include_directories(walkie_h2_client PUBLIC ${PROJECT_SOURCE_DIR}/tests)
target_link_libraries(walkie_h2_client
    PUBLIC PkgConfig::NGHTTP2 PkgConfig::CMOCKA PRIVATE walkie_flags)

walkie_test(http_h2_disconnect_test SOURCES http_h2_disconnect_test.c
    LINK walkie_http_fixture walkie_h2_client)
walkie_test(http_h2_request_test SOURCES http_h2_request_test.c
    LINK walkie_http_fixture walkie_h2_client)
walkie_test(http_h2_stream_test SOURCES http_h2_stream_test.c
    LINK walkie_http_fixture walkie_h2_client Threads::Threads)
walkie_test(http_h2_flood_test SOURCES http_h2_flood_test.c
    LINK walkie_http_fixture walkie_h2_client)
