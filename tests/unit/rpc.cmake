walkie_test(rpc_frame_test SOURCES rpc_frame_test.c LINK walkie_rpc)
walkie_test(rpc_envelope_test SOURCES rpc_envelope_test.c LINK walkie_rpc)
walkie_test(rpc_metadata_unit_test SOURCES rpc_metadata_test.c LINK walkie_rpc)
walkie_test(rpc_address_test SOURCES rpc_address_test.c LINK walkie_rpc)
