walkie_test(unit_gateway_deadline SOURCES gateway_deadline_test.c LINK walkie_gateway_api)
walkie_test(unit_gateway_parameters SOURCES gateway_parameters_test.c LINK walkie_gateway_api)
walkie_test(unit_gateway_disposition SOURCES gateway_disposition_test.c LINK walkie_gateway_api)
walkie_test(unit_gateway_routes SOURCES gateway_routes_test.c LINK walkie_gateway_api)

# The tables of methods, and what is served, against what protoc itself says of all services.
find_program(PROTOC protoc REQUIRED)
get_property(service_protos GLOBAL PROPERTY WALKIE_SERVICE_PROTOS)
list(TRANSFORM service_protos PREPEND ${PROJECT_SOURCE_DIR}/proto/ OUTPUT_VARIABLE service_proto_files)
set(METHODS_DESCRIPTOR ${CMAKE_CURRENT_BINARY_DIR}/services.descriptor.txt)
add_custom_command(
    OUTPUT ${METHODS_DESCRIPTOR}
    COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/describe_proto.sh ${PROTOC} ${PROJECT_SOURCE_DIR}/proto
            ${METHODS_DESCRIPTOR} ${service_protos}
    DEPENDS ${service_proto_files} describe_proto.sh)
add_custom_target(services_descriptor DEPENDS ${METHODS_DESCRIPTOR})
walkie_test(unit_service_methods SOURCES service_methods_test.c LINK walkie_service_api)
target_compile_definitions(unit_service_methods PRIVATE METHODS_DESCRIPTOR="${METHODS_DESCRIPTOR}")
add_dependencies(unit_service_methods services_descriptor)
