walkie_test(unit_http_negotiate SOURCES http_negotiate_test.c LINK walkie_http)
walkie_test(unit_metrics_open SOURCES metrics_open_test.c LINK walkie_obs)
