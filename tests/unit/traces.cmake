walkie_test(unit_span SOURCES span_test.c LINK walkie_obs)
