add_library(walkie_h2_client STATIC ${PROJECT_SOURCE_DIR}/tests/support/h2_client.c)
target_include_directories(walkie_h2_client PUBLIC ${PROJECT_SOURCE_DIR}/tests)
target_link_libraries(walkie_h2_client
    PUBLIC PkgConfig::NGHTTP2 PkgConfig::CMOCKA walkie_http_fixture PRIVATE walkie_flags)

walkie_test(http_h2_disconnect_test SOURCES http_h2_disconnect_test.c
    LINK walkie_http_fixture walkie_h2_client)
walkie_test(http_h2_request_test SOURCES http_h2_request_test.c
    LINK walkie_http_fixture walkie_h2_client)
walkie_test(http_h2_stream_test SOURCES http_h2_stream_test.c
    LINK walkie_http_fixture walkie_h2_client Threads::Threads)
walkie_test(http_h2_limit_test SOURCES http_h2_limit_test.c
    LINK walkie_http_fixture walkie_h2_client)
walkie_test(http_h2_flood_test SOURCES http_h2_flood_test.c
    LINK walkie_http_fixture walkie_h2_client walkie_obs)
walkie_test(http_h2_storm_test SOURCES http_h2_storm_test.c http_storm.c
    LINK walkie_http walkie_ctx walkie_h2_client Threads::Threads)
walkie_test(http_h2_memory_test
    SOURCES http_h2_memory_test.c ${PROJECT_SOURCE_DIR}/tests/support/http_pipe.c
        ${PROJECT_SOURCE_DIR}/tests/support/failing_memory.c
    LINK walkie_http walkie_llhttp walkie_ctx PkgConfig::NGHTTP2 Threads::Threads)
target_link_options(http_h2_memory_test PRIVATE -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc)
