/* A database file that appears whole or not at all: it is written under another name beside its
 * own, and renamed when everything is in it and on the disk.
 *
 *     status = output_open(ctx, SCHEMA_EDC, "sqlite:/data/edc.sqlite", false, &output, &error);
 *     ... db_exec(ctx, output->session, ...)
 *     status = output_commit(ctx, output, &error);       still under the other name
 *     status = output_publish(output, &error);
 *     output_free(output);                               removes what was not published
 *
 * A process that is killed leaves "PATH.partial", which the next run takes over.
 * Not here: changing a database that exists. */
#ifndef WALKIE_IMPORT_OUTPUT_H
#define WALKIE_IMPORT_OUTPUT_H

#include <stdbool.h>

#include "schema/schema.h"

enum { OUTPUT_PATH_MAX = 1024 };

struct output {
    enum schema_kind kind;
    char path[OUTPUT_PATH_MAX];
    char partial_path[OUTPUT_PATH_MAX + 16];
    int lock; /* descriptor that keeps a second writer out */
    struct db *db;
    struct db_session *session; /* its one transaction; NULL once committed */
    bool is_published;
};

/* Make the file with its tables, inside an open transaction.
 * Errors: INVALID_ARGUMENT (uri), ALREADY_EXISTS (without `is_forced`), UNAVAILABLE, the context's.
 */
MUST_USE enum status output_open(const struct ctx *ctx, enum schema_kind kind, const char *uri,
    bool is_forced, struct output **ret_output, struct error *ret_error);

/* Commit, close and put on the disk. */
MUST_USE enum status output_commit(
    const struct ctx *ctx, struct output *output, struct error *ret_error);

/* Give the file its name; an older file of that name is replaced in the same step. */
MUST_USE enum status output_publish(struct output *output, struct error *ret_error);

void output_free(struct output *output); /* accepts NULL */

#endif
