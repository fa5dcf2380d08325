walkie_test(otlp_test SOURCES otlp_test.c otlp_collector.c LINK walkie_gateway_api PkgConfig::CJSON)
