/* A database that is filled whole or not at all. A file is written under another name beside its
 * own, and renamed when everything is in it and on the disk; a server's database is filled in one
 * transaction.
 *
 *     status = output_open(ctx, SCHEMA_EDC, "sqlite:/data/edc.sqlite", false, &output, &error);
 *     ... db_exec(ctx, output->session, ...)
 *     status = output_commit(ctx, output, &error);       still under the other name
 *     status = output_publish(output, &error);
 *     output_free(output);                               removes what was not published
 *
 * A process that is killed leaves "PATH.partial", which the next run takes over.
 * Not here: adding to the data of a database. */
#ifndef WALKIE_IMPORT_OUTPUT_H
#define WALKIE_IMPORT_OUTPUT_H

#include <stdbool.h>

#include "schema/schema.h"

enum { OUTPUT_PATH_MAX = 1024 };

struct output {
    enum schema_kind kind;
    bool is_server;
    bool is_replacing; /* a server's database that holds data: the caller deletes them first */
    char path[OUTPUT_PATH_MAX]; /* of a file */
    char partial_path[OUTPUT_PATH_MAX + 16];
    int lock; /* descriptor that keeps a second writer out */
    struct db *db;
    struct db_session *session; /* its one transaction; NULL once committed */
    bool is_published;
};

/* Make the file with its tables, inside an open transaction; or begin one in a server's database
 * and bring its tables up to date.
 * Errors: INVALID_ARGUMENT (uri), ALREADY_EXISTS (without `is_forced`: the file is there, the
 * database holds a study; it is named), UNAVAILABLE, the context's, those of schema_migrate. */
MUST_USE enum status output_open(const struct ctx *ctx, enum schema_kind kind, const char *uri,
    bool is_forced, struct output **ret_output, struct error *ret_error);

/* Commit, close and put on the disk. A file still has its other name then; a server's database is
 * as it will be. */
MUST_USE enum status output_commit(
    const struct ctx *ctx, struct output *output, struct error *ret_error);

/* Give the file its name; an older file of that name is replaced in the same step. Nothing to do
 * for a server. */
MUST_USE enum status output_publish(struct output *output, struct error *ret_error);

void output_free(struct output *output); /* accepts NULL */

#endif
