walkie_test(document_format_test SOURCES document_format_test.c LINK walkie_document)
walkie_test(document_text_test SOURCES document_text_test.c LINK walkie_document PkgConfig::PANGOCAIRO)
walkie_test(document_script_test SOURCES document_script_test.c
    LINK walkie_document PkgConfig::PANGOCAIRO)

set(SAMPLE_REPORT ../support/sample_report.c ../support/sample_charts.c ../support/sample_pdf.c)
walkie_test(document_same_test SOURCES document_same_test.c ${SAMPLE_REPORT}
    LINK walkie_document Threads::Threads m)
walkie_test(document_stop_test SOURCES document_stop_test.c ${SAMPLE_REPORT}
    LINK walkie_document PkgConfig::PANGOCAIRO m)
target_link_options(document_stop_test PRIVATE -Wl,--wrap=sink_take)
walkie_test(document_tools_test SOURCES document_tools_test.c ${SAMPLE_REPORT}
    LINK walkie_document PkgConfig::PANGOCAIRO m)
walkie_test(document_links_test SOURCES document_links_test.c LINK walkie_document)
walkie_test(document_edge_test SOURCES document_edge_test.c ${SAMPLE_REPORT} LINK walkie_document m)
walkie_test(document_memory_test SOURCES document_memory_test.c ${SAMPLE_REPORT}
    LINK walkie_document m)
target_link_options(document_memory_test PRIVATE -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc)
walkie_test(document_absent_test SOURCES document_absent_test.c LINK walkie_document)
target_link_libraries(document_absent_test PRIVATE PkgConfig::PANGOCAIRO)
# No test by itself: what tests/e2e/formats_test.sh reads.
add_executable(write_formats ../support/write_formats.c ../support/sample_report.c ../support/sample_charts.c)
target_include_directories(write_formats PRIVATE ${PROJECT_SOURCE_DIR}/tests)
target_link_libraries(write_formats PRIVATE walkie_flags walkie_export walkie_document walkie_model m)
