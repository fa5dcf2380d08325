walkie_test(unit_log SOURCES log_test.c LINK walkie_obs PkgConfig::CJSON)
walkie_test(unit_trace SOURCES trace_test.c LINK walkie_obs)
walkie_test(unit_contexts_page SOURCES contexts_page_test.c LINK walkie_obs PkgConfig::CJSON)
walkie_test(unit_metrics SOURCES metrics_test.c ${PROJECT_SOURCE_DIR}/tests/support/prometheus.c
    LINK walkie_obs m)
walkie_test(unit_detached SOURCES detached_test.c LINK walkie_obs)
walkie_test(unit_stack SOURCES stack_test.c LINK walkie_obs)
