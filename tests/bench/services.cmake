# From close() of an HTTP client to the handler behind the gateway noticing it.
add_executable(cancel_bench cancel_bench.c)
target_link_libraries(cancel_bench PRIVATE walkie_flags walkie_rpc walkie_report_methods)
target_compile_definitions(cancel_bench PRIVATE GATEWAY="$<TARGET_FILE:api-gateway>")
add_dependencies(cancel_bench api-gateway)
