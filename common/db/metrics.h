/* What is counted of databases. Internal to common/db.
 *
 *     db_metrics_statement(db, DB_OUTCOME_OK, started_at_ns);     a statement has ended
 *     db_metrics_waited(db, started_at_ns);                  a session has its connection
 *
 * Databases are known by their names (edc, ctms): a handful. Threads: any. */
#ifndef WALKIE_DB_METRICS_H
#define WALKIE_DB_METRICS_H

#include "db/internal.h"

/* Find the database's counters; before its first session, and its end. */
void db_metrics_start(struct db *db);
void db_metrics_stop(struct db *db);

/* A statement has ended, or its rows were given back. */
void db_metrics_statement(struct db *db, enum db_outcome outcome, uint64_t started_at_ns);

/* A session got its connection, or gave up waiting. */
void db_metrics_waited(struct db *db, uint64_t started_at_ns);

#endif
