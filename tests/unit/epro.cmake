walkie_test(epro_score_test SOURCES epro_score_test.c LINK walkie_epro)
walkie_test(epro_coding_test SOURCES epro_coding_test.c LINK walkie_epro)
walkie_test(epro_fhir_test SOURCES epro_fhir_test.c LINK walkie_epro)
target_compile_definitions(epro_fhir_test PRIVATE SHARED_EPRO="${PROJECT_SOURCE_DIR}/../shared/data/epro")
