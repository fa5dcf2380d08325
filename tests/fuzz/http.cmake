walkie_fuzz(http_parse_fuzz SOURCES http_parse_fuzz.c LINK walkie_http walkie_llhttp)
walkie_fuzz(http_query_fuzz SOURCES http_query_fuzz.c LINK walkie_http)
walkie_fuzz(http_h2_fuzz SOURCES http_h2_fuzz.c ${PROJECT_SOURCE_DIR}/tests/support/http_pipe.c
    LINK walkie_http walkie_llhttp PkgConfig::NGHTTP2 Threads::Threads)
