walkie_test(otlp_test SOURCES otlp_test.c LINK walkie_gateway_api PkgConfig::CJSON)
