walkie_fuzz(rpc_frame_fuzz SOURCES rpc_frame_fuzz.c LINK walkie_rpc)
walkie_fuzz(rpc_envelope_fuzz SOURCES rpc_envelope_fuzz.c LINK walkie_rpc)
