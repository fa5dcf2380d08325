# The HTTP server alone, driven by wrk.
add_executable(http_server_bench http_server_bench.c)
target_link_libraries(http_server_bench PRIVATE walkie_flags walkie_http Threads::Threads)
