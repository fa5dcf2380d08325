# Tests of the HTTP server that run within TLS, too: the same programs, with a transport to use.
function(walkie_http_transports name)
    foreach(transport ${ARGN})
        add_test(NAME ${name}_${transport} COMMAND ${name})
        set_tests_properties(${name}_${transport} PROPERTIES LABELS integration TIMEOUT 300
            RUN_SERIAL TRUE ENVIRONMENT "WALKIE_HTTP_TRANSPORT=${transport}")
    endforeach()
endfunction()

walkie_http_transports(http_disconnect_test tls1.2 tls1.3)
walkie_http_transports(http_stream_test tls1.2 tls1.3)
walkie_http_transports(http_storm_test tls1.3)
walkie_http_transports(http_answer_test tls1.3)
walkie_http_transports(http_limit_test tls1.3)
walkie_http_transports(http_server_test tls1.3)

walkie_test(http_tls_test SOURCES http_tls_test.c LINK walkie_http_fixture walkie_obs)
walkie_http_transports(http_tls_test tls1.2)
walkie_test(http_tls_keys_test SOURCES http_tls_keys_test.c LINK walkie_http_fixture)
walkie_http_transports(http_h2_disconnect_test tls1.3)
walkie_http_transports(http_h2_stream_test tls1.3)
walkie_http_transports(http_h2_limit_test tls1.3)
