/* The same data in PostgreSQL as in a SQLite file, row by row and table by table, whatever tables
 * there are: for tests that compare what is made of both.
 *
 *     status = database_copy("sqlite:/tmp/x/edc.db", SCHEMA_EDC, uri, &error);
 *
 * The target is an empty database; it gets its tables by migration. */
#ifndef WALKIE_TESTS_DATABASE_COPY_H
#define WALKIE_TESTS_DATABASE_COPY_H

#include "schema/schema.h"

MUST_USE enum status database_copy(const char *sqlite_uri, enum schema_kind kind,
    const char *postgres_uri, struct error *ret_error);

#endif
