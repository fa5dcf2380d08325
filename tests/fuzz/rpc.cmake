walkie_fuzz(rpc_frame_fuzz SOURCES rpc_frame_fuzz.c LINK walkie_rpc)
walkie_fuzz(rpc_envelope_fuzz SOURCES rpc_envelope_fuzz.c LINK walkie_rpc)
walkie_fuzz(rpc_address_fuzz SOURCES rpc_address_fuzz.c LINK walkie_rpc)
walkie_fuzz(rpc_opening_fuzz SOURCES rpc_opening_fuzz.c LINK walkie_rpc nng::nng)
foreach(function nng_aio_set_iov nng_aio_result nng_aio_count nng_aio_cancel nng_aio_wait nng_stream_recv nng_stream_send
        nng_stream_close nng_stream_free nng_stream_get_addr nng_stream_get_bool nng_stream_set_bool
        nng_stream_get_uint64)
    target_link_options(rpc_opening_fuzz PRIVATE -Wl,--wrap=${function})
endforeach()
# Both sides over streams without a network: nng's functions are defined in fake_*.c.
walkie_fuzz(rpc_server_fuzz SOURCES rpc_server_fuzz.c fake_nng.c fake_endpoint.c fake_nng_options.c
    LINK walkie_service_api walkie_rpc walkie_services nng::nng)
walkie_fuzz(rpc_client_fuzz SOURCES rpc_client_fuzz.c fake_nng.c fake_endpoint.c fake_nng_options.c
    LINK walkie_rpc walkie_proto_report nng::nng)
