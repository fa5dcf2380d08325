/* A folder of its own for each test, with one SQLite database in it.
 *
 *     struct fixture fixture;
 *     fixture_start(&fixture);
 *     fixture_run(&fixture, "CREATE TABLE t (a INTEGER)");
 *     fixture_end(&fixture);
 *
 * Used on the test thread only: failures are cmocka's. */
#ifndef WALKIE_TESTS_DB_FIXTURE_H
#define WALKIE_TESTS_DB_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "db/db.h"

struct fixture {
    char folder[64];
    char path[96];
    char uri[112];
    struct db *db; /* open for writing; NULL after fixture_close */
};

void fixture_start(struct fixture *fixture); /* with the database made and opened */
void fixture_close(struct fixture *fixture);
void fixture_end(struct fixture *fixture);

/* Run a script in a transaction of its own, and commit. */
void fixture_run(struct fixture *fixture, const char *sql);

/* Open the same file again. */
struct db *fixture_open(struct fixture *fixture, enum db_mode mode);

/* The one integer that a query gives. */
int64_t fixture_integer(struct db_session *session, const char *sql);

#endif
