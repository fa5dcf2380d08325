walkie_fuzz(call_schema_fuzz SOURCES call_schema_fuzz.c LINK walkie_call)
walkie_fuzz(call_message_fuzz SOURCES call_message_fuzz.c LINK walkie_call walkie_everything)
walkie_fuzz(call_json_fuzz SOURCES call_json_fuzz.c LINK walkie_call walkie_everything
    walkie_proto_everything)
