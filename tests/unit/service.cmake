walkie_test(unit_service_fault SOURCES service_fault_test.c LINK walkie_service_api)
walkie_test(unit_service_spool SOURCES service_spool_test.c LINK walkie_service_api)
walkie_test(unit_process SOURCES process_test.c LINK walkie_base)
