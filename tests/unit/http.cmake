walkie_test(http_parse_test SOURCES http_parse_test.c LINK walkie_http walkie_llhttp)
walkie_test(http_query_test SOURCES http_query_test.c LINK walkie_http)
walkie_test(http_memory_test SOURCES http_memory_test.c LINK walkie_http walkie_llhttp)
target_link_options(http_memory_test PRIVATE -Wl,--wrap=realloc,--wrap=malloc)
