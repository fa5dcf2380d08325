add_executable(rpc_bench rpc_bench.c
    ${PROJECT_SOURCE_DIR}/tests/support/certificates.c
    ${PROJECT_SOURCE_DIR}/tests/support/rpc_process.c
    ${PROJECT_SOURCE_DIR}/tests/support/rpc_tls_files.c)
target_include_directories(rpc_bench PRIVATE ${PROJECT_SOURCE_DIR}/tests)
target_link_libraries(rpc_bench PRIVATE walkie_flags walkie_rpc walkie_proto_report
    nng::nng PkgConfig::CRYPTO)
add_executable(admission_bench admission_bench.c)
target_link_libraries(admission_bench PRIVATE walkie_flags walkie_rpc)
