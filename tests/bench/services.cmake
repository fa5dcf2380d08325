# From close() of an HTTP client to the handler behind the gateway noticing it.
add_executable(cancel_bench cancel_bench.c)
target_link_libraries(cancel_bench PRIVATE walkie_flags walkie_rpc walkie_services)
target_compile_definitions(cancel_bench PRIVATE GATEWAY="$<TARGET_FILE:api-gateway>")
add_dependencies(cancel_bench api-gateway)

# A report that is cancelled in each of its phases; run by cancel_report.sh.
add_executable(cancel_report_bench cancel_report_bench.c ../support/database_copy.c)
target_link_libraries(cancel_report_bench PRIVATE walkie_flags walkie_stop_service walkie_schema walkie_import)
target_link_options(cancel_report_bench PRIVATE ${STOP_SERVICE_WRAPS})

# The validation of all forms of a study; run by crf.sh.
add_executable(crf_bench crf_bench.c)
target_link_libraries(crf_bench PRIVATE walkie_flags walkie_crf)
add_executable(crf_cancel_bench crf_cancel_bench.c)
target_link_libraries(crf_cancel_bench PRIVATE walkie_flags walkie_crf Threads::Threads)
