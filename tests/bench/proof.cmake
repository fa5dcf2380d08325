add_executable(rpc_cancel_bench rpc_cancel_bench.c ${PROJECT_SOURCE_DIR}/tests/support/rpc_process.c)
target_include_directories(rpc_cancel_bench PRIVATE ${PROJECT_SOURCE_DIR}/tests)
target_link_libraries(rpc_cancel_bench PRIVATE walkie_flags walkie_rpc walkie_proto_report)
add_executable(leak_bench leak_bench.c)
target_link_libraries(leak_bench PRIVATE walkie_flags walkie_rpc walkie_proto_report)
# Keeps HTTP requests in flight; memory.sh looks at the servers meanwhile.
add_executable(bench_hold hold.c)
target_link_libraries(bench_hold PRIVATE walkie_flags)
# HTTP load in a closed and an open loop, for overload.sh.
add_executable(bench_load load.c)
target_link_libraries(bench_load PRIVATE walkie_flags walkie_base)
