walkie_test(epro_job_test PARALLEL SOURCES epro_job_test.c epro_fixture.c LINK walkie_epro)
walkie_postgres_test(epro_postgres_test PARALLEL SOURCES epro_job_test.c epro_fixture.c LINK walkie_epro)
target_compile_definitions(epro_postgres_test PRIVATE EPRO_POSTGRES)
