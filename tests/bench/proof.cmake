add_executable(rpc_cancel_bench rpc_cancel_bench.c ${PROJECT_SOURCE_DIR}/tests/support/rpc_process.c)
target_include_directories(rpc_cancel_bench PRIVATE ${PROJECT_SOURCE_DIR}/tests)
target_link_libraries(rpc_cancel_bench PRIVATE walkie_flags walkie_rpc walkie_proto_report)
