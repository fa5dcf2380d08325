walkie_fuzz(trace_context_fuzz SOURCES trace_context_fuzz.c LINK walkie_obs)
walkie_fuzz(span_list_fuzz SOURCES span_list_fuzz.c LINK walkie_rpc)
