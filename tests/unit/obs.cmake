walkie_test(unit_log SOURCES log_test.c LINK walkie_obs PkgConfig::CJSON)
walkie_test(unit_trace SOURCES trace_test.c LINK walkie_obs)
