add_executable(pdf_bench document_bench.c ../support/sample_report.c ../support/sample_charts.c)
target_include_directories(pdf_bench PRIVATE ${PROJECT_SOURCE_DIR}/tests)
target_link_libraries(pdf_bench PRIVATE walkie_flags walkie_document m)
