walkie_test(unit_span SOURCES span_test.c LINK walkie_obs)
walkie_test(unit_tracestate SOURCES tracestate_test.c LINK walkie_obs)
walkie_test(unit_timing SOURCES timing_test.c LINK walkie_gateway_api)
