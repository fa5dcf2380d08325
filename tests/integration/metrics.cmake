walkie_test(rpc_debug_test SOURCES rpc_debug_test.c LINK rpc_site walkie_log_file)
walkie_test(db_metrics_test SOURCES db_metrics_test.c db_fixture.c LINK walkie_db walkie_log_file)
