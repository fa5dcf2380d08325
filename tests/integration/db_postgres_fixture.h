/* A database of the test server, opened through db.h, and a bare libpq connection beside it that
 * sees what the server does.
 *
 *     struct postgres_fixture fixture;
 *     postgres_fixture_start(&fixture, "db_session");
 *     postgres_fixture_run(&fixture, "CREATE TABLE t (id INTEGER PRIMARY KEY)");
 *     postgres_fixture_end(&fixture);
 *
 * Used on the test thread only: failures are cmocka's. */
#ifndef WALKIE_TESTS_DB_POSTGRES_FIXTURE_H
#define WALKIE_TESTS_DB_POSTGRES_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <libpq-fe.h>

#include "db/db.h"
#include "support/postgres_server.h"

struct postgres_fixture {
    char uri[POSTGRES_URI_MAX];
    struct db *db; /* open for writing; NULL when closed */
    PGconn *watcher;
};

void postgres_fixture_start(struct postgres_fixture *fixture, const char *database);
void postgres_fixture_end(struct postgres_fixture *fixture);

/* Open a uri as the database "edc". */
struct db *postgres_fixture_open(const char *uri, enum db_mode mode);

/* Run a script in a transaction of its own, and commit. */
void postgres_fixture_run(struct postgres_fixture *fixture, const char *sql);

/* The one value that a query of the watcher gives, "" for none. */
void postgres_fixture_watch(
    struct postgres_fixture *fixture, const char *sql, char *ret_text, size_t text_size);
int64_t postgres_fixture_watch_integer(struct postgres_fixture *fixture, const char *sql);

/* Wait until a query of the watcher gives this integer; fails after some seconds. */
void postgres_fixture_wait_for(struct postgres_fixture *fixture, const char *sql, int64_t wanted);

struct db_session *postgres_fixture_begin(struct db *db, enum db_access access);

/* The one integer that a query of a session gives. */
int64_t postgres_fixture_integer(struct db_session *session, const char *sql);

/* How many queries of this test's database run in the server, the watcher's apart (and what begins
 * a connection or a session, which is none of the test's). */
extern const char POSTGRES_FIXTURE_RUNNING[];

#endif
