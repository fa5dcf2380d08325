walkie_fuzz(http_parse_fuzz SOURCES http_parse_fuzz.c LINK walkie_http walkie_llhttp)
walkie_fuzz(http_query_fuzz SOURCES http_query_fuzz.c LINK walkie_http)
