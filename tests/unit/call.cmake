walkie_test(unit_json_writer SOURCES json_writer_test.c LINK walkie_base)
walkie_test(unit_call_wire SOURCES call_wire_test.c LINK walkie_call)

walkie_proto(walkie_proto_everything everything.proto)
walkie_descriptors(EVERYTHING_DESCRIPTORS everything.h EVERYTHING_FILE everything.proto)
walkie_library(walkie_everything
    SOURCES ${EVERYTHING_FILE}
    INCLUDE ${PROJECT_SOURCE_DIR}/tests/unit
    LINK walkie_base walkie_proto_everything)
walkie_test(unit_call_schema SOURCES call_schema_test.c
    LINK walkie_call walkie_everything walkie_service_descriptors)
walkie_test(unit_call_from_json SOURCES call_from_json_test.c LINK walkie_call walkie_everything)
walkie_test(unit_call_to_json SOURCES call_to_json_test.c LINK walkie_call walkie_everything)
walkie_test(unit_call_round_trip SOURCES call_round_trip_test.c LINK walkie_call walkie_everything)
walkie_test(unit_call_options SOURCES call_options_test.c LINK walkie_call)
walkie_test(unit_call_output SOURCES call_output_test.c LINK walkie_call)
walkie_test(unit_call_service SOURCES call_service_test.c LINK walkie_call walkie_everything)
walkie_test(unit_call_memory SOURCES call_memory_test.c LINK walkie_call walkie_everything)
target_link_options(unit_call_memory PRIVATE -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc)
walkie_test(unit_call_account SOURCES call_account_test.c LINK walkie_call)
