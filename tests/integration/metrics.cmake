walkie_test(rpc_debug_test SOURCES rpc_debug_test.c LINK rpc_site)
