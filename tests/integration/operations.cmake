walkie_test(operations_test SOURCES operations_test.c operations_fixture.c
    LINK rpc_fixture walkie_gateway_operations walkie_services)
walkie_test(operations_kept_test PARALLEL SOURCES operations_kept_test.c operations_fixture.c
    LINK rpc_fixture walkie_gateway_operations walkie_services)
target_link_options(operations_kept_test PRIVATE -Wl,--wrap=malloc)
walkie_test(operations_race_test PARALLEL SOURCES operations_race_test.c operations_fixture.c
    LINK rpc_fixture walkie_gateway_operations walkie_services)
walkie_postgres_test(operations_postgres_test SOURCES operations_test.c operations_fixture.c
    LINK rpc_fixture walkie_gateway_operations walkie_services)
target_compile_definitions(operations_postgres_test PRIVATE OPERATIONS_POSTGRES)
