walkie_test(db_open_test SOURCES db_open_test.c db_fixture.c LINK walkie_db)
walkie_test(db_session_test SOURCES db_session_test.c db_fixture.c LINK walkie_db)
walkie_test(db_cancel_test SOURCES db_cancel_test.c db_fixture.c LINK walkie_db)
walkie_test(db_detached_test SOURCES db_detached_test.c db_fixture.c LINK walkie_db walkie_log_file)
walkie_test(db_writers_test SOURCES db_writers_test.c db_fixture.c LINK walkie_db)
walkie_test(db_stamp_test SOURCES db_stamp_test.c db_fixture.c LINK walkie_db)
# A database of the test server, and statements on threads of their own in it.
add_library(walkie_db_postgres_fixture STATIC db_postgres_fixture.c db_postgres_runner.c)
target_include_directories(walkie_db_postgres_fixture PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(walkie_db_postgres_fixture PUBLIC walkie_db walkie_postgres_server PkgConfig::PQ
    PkgConfig::CMOCKA PRIVATE walkie_flags)
foreach(name session cancel connect loss)
    walkie_postgres_test(db_postgres_${name}_test SOURCES db_postgres_${name}_test.c
        LINK walkie_db_postgres_fixture)
endforeach()
walkie_postgres_test(db_bulk_test SOURCES db_bulk_test.c db_fixture.c LINK walkie_db)
