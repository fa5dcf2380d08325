walkie_test(unit_gateway_deadline SOURCES gateway_deadline_test.c LINK walkie_gateway_api)
walkie_test(unit_gateway_parameters SOURCES gateway_parameters_test.c LINK walkie_gateway_api)
walkie_test(unit_gateway_disposition SOURCES gateway_disposition_test.c LINK walkie_gateway_api)
walkie_test(unit_gateway_routes SOURCES gateway_routes_test.c LINK walkie_gateway_api)

# The table of methods against what protoc itself says of report.proto.
find_program(PROTOC protoc REQUIRED)
set(METHODS_DESCRIPTOR ${CMAKE_CURRENT_BINARY_DIR}/report.descriptor.txt)
add_custom_command(
    OUTPUT ${METHODS_DESCRIPTOR}
    COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/describe_proto.sh ${PROTOC} ${PROJECT_SOURCE_DIR}/proto
            walkie/report/v1/report.proto ${METHODS_DESCRIPTOR}
    DEPENDS ${PROJECT_SOURCE_DIR}/proto/walkie/report/v1/report.proto describe_proto.sh)
add_custom_target(report_descriptor DEPENDS ${METHODS_DESCRIPTOR})
walkie_test(unit_report_methods SOURCES report_methods_test.c LINK walkie_report_methods)
target_compile_definitions(unit_report_methods PRIVATE METHODS_DESCRIPTOR="${METHODS_DESCRIPTOR}")
add_dependencies(unit_report_methods report_descriptor)
