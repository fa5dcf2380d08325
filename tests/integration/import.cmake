walkie_postgres_test(import_postgres_test PARALLEL SOURCES import_postgres_test.c LINK walkie_import)
target_compile_definitions(import_postgres_test PRIVATE
    ODM_EXAMPLE="${PROJECT_SOURCE_DIR}/tests/data/study.odm.xml")
