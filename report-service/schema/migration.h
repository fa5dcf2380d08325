/* The embedded migrations: made from edc/NNN_*.sql and ctms/NNN_*.sql at build time.
 *
 * Not here: applying them (schema.h). */
#ifndef WALKIE_SCHEMA_MIGRATION_H
#define WALKIE_SCHEMA_MIGRATION_H

#include <stddef.h>

#include "schema/schema.h"

struct schema_migration {
    enum schema_kind kind;
    int version;
    const char *name; /* "edc/001_base.sql" */
    const char *sql;
};

/* In the order in which they are applied, each kind's versions rising by one from 1. */
extern const struct schema_migration SCHEMA_MIGRATIONS[];
extern const size_t SCHEMA_MIGRATIONS_COUNT;

#endif
