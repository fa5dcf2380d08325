walkie_test(document_hostile_test PARALLEL SOURCES document_hostile_test.c ../support/sample_hostile.c
    LINK walkie_document PkgConfig::CJSON)
walkie_test(ctx_aside_test SOURCES ctx_aside_test.c LINK walkie_ctx)
walkie_test(document_pages_test PARALLEL SOURCES document_pages_test.c ../support/sample_report.c
    ../support/sample_charts.c LINK walkie_document PkgConfig::PANGOCAIRO m)
