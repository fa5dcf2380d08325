walkie_test(db_open_test SOURCES db_open_test.c db_fixture.c LINK walkie_db)
walkie_test(db_session_test SOURCES db_session_test.c db_fixture.c LINK walkie_db)
walkie_test(db_cancel_test SOURCES db_cancel_test.c db_fixture.c LINK walkie_db)
walkie_test(db_detached_test SOURCES db_detached_test.c db_fixture.c LINK walkie_db walkie_log_file)
walkie_test(db_stamp_test SOURCES db_stamp_test.c db_fixture.c LINK walkie_db)
walkie_postgres_test(db_postgres_session_test SOURCES db_postgres_session_test.c db_postgres_fixture.c
    LINK walkie_db PkgConfig::PQ)
walkie_postgres_test(db_bulk_test SOURCES db_bulk_test.c db_fixture.c LINK walkie_db)
walkie_postgres_test(db_postgres_cancel_test SOURCES db_postgres_cancel_test.c db_postgres_fixture.c
    LINK walkie_db PkgConfig::PQ)
walkie_postgres_test(db_postgres_loss_test SOURCES db_postgres_loss_test.c db_postgres_fixture.c
    LINK walkie_db PkgConfig::PQ)
