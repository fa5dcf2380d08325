/* What the sqlite_*.c files share. SQLite's own header goes no further than here.
 *
 * How a context stops SQLite: each connection knows the context of the call that is running on it.
 * The progress handler asks it every SQLITE_STEPS_PER_POLL virtual machine steps, the busy handler
 * between two attempts at a lock. sqlite3_interrupt is not used: a late one stops the connection's
 * next statement. What SQLite does in one step is not interrupted:
 * count(*) without WHERE (10 to 25 ms for two million rows), and sorting: it collects as many bytes
 * as the page cache holds and sorts them at once, which is why readers have a small cache; the
 * merge of a sort of many megabytes, and CREATE INDEX, do not belong on a request's path. */
#ifndef WALKIE_DB_SQLITE_H
#define WALKIE_DB_SQLITE_H

#include <pthread.h>
#include <sqlite3.h>

#include "db/backend.h"

enum {
    SQLITE_STEPS_PER_POLL = 1000,
    SQLITE_STATEMENTS_CACHED = 48, /* compiled statements that a connection keeps */
    SQLITE_PATH_MAX = 1024,        /* bytes of a file's path, with the NUL */
    SQLITE_READER_CACHE_KB = 1024, /* page cache of a connection; also what one sort does at once */
    SQLITE_WRITER_CACHE_KB = 8192,
    SQLITE_REASON_MAX = 256, /* bytes of why a file cannot be written, with the NUL */
};

/* Who reads the file's header for stamps. */
struct sqlite_stamper {
    pthread_mutex_t mutex; /* guards the handle; its file is looked at, no statement runs */
    sqlite3 *handle;       /* NULL: not opened yet, or not there */
};

struct db_store {
    char name[DB_NAME_MAX];
    char path[SQLITE_PATH_MAX];
    enum db_mode mode;
    char why_read_only[SQLITE_REASON_MAX]; /* "": it can be written */
    struct sqlite_stamper stamper;
};

struct db_cursor {
    struct db_connection *connection;
    sqlite3_stmt *compiled;
    char *sql; /* the cache's key; NULL while the place is free */
    /* SQLite numbers $1, $2 by appearance; which value goes to its parameter i + 1. */
    uint8_t value_of[DB_PARAMETERS_MAX];
    int n_parameters;
    uint64_t used_at; /* the connection's count of acquisitions, for least recently used */
    bool is_in_use;
};

struct db_connection {
    const struct db_store *store;
    sqlite3 *handle;
    const struct ctx *ctx; /* of the running call; NULL between calls */
    enum db_access access; /* of the running transaction */
    uint64_t n_acquired;
    struct db_cursor cache[SQLITE_STATEMENTS_CACHED];
};

/* Check the file without SQLite's help where SQLite would be late or vague. */
enum status sqlite_check_file(const struct db_store *store, struct error *ret_error);
/* Find out whether the file may be written, into store->why_read_only. */
void sqlite_look_at_rights(struct db_store *store);
/* SQLite calls a file that is shorter than its header says just "malformed": say it better. */
void sqlite_explain_length(const struct db_store *store, struct error *ret_error);

/* The status and words of a result code; the context's status when it is done. `sql` may be NULL.
 */
enum status sqlite_fail(const struct ctx *ctx, const struct db_connection *connection, int code,
    const char *sql, struct error *ret_error);

/* Compile one statement; *ret_rest is what follows it. *ret_compiled is NULL for blank text. */
enum status sqlite_compile(const struct ctx *ctx, struct db_connection *connection, const char *sql,
    sqlite3_stmt **ret_compiled, const char **ret_rest, struct error *ret_error);

/* Run SQL that is ours, without rows and parameters: BEGIN, COMMIT, PRAGMA. */
enum status sqlite_command(const struct ctx *ctx, struct db_connection *connection, const char *sql,
    struct error *ret_error);

/* sqlite_stamp.c */
void sqlite_stamper_init(struct sqlite_stamper *stamper);
void sqlite_stamper_finish(struct sqlite_stamper *stamper);
enum status sqlite_data_stamp(struct db_store *store, struct db_stamp *ret_stamp);

/* The table's entries that live in sqlite_statement.c. */
enum status sqlite_acquire(const struct ctx *ctx, struct db_connection *connection, const char *sql,
    struct db_cursor **ret_cursor, struct error *ret_error);
void sqlite_release(struct db_cursor *cursor);
enum status sqlite_bind(struct db_cursor *cursor, const struct db_value *values, size_t n_values,
    struct error *ret_error);
enum status sqlite_step(
    const struct ctx *ctx, struct db_cursor *cursor, bool *ret_has_row, struct error *ret_error);
enum status sqlite_script(const struct ctx *ctx, struct db_connection *connection, const char *sql,
    struct error *ret_error);
bool sqlite_column_is_null(const struct db_cursor *cursor, int column);
int64_t sqlite_column_integer(const struct db_cursor *cursor, int column);
double sqlite_column_real(const struct db_cursor *cursor, int column);
const char *sqlite_column_text(const struct db_cursor *cursor, int column);
void sqlite_forget_statements(struct db_connection *connection);

#endif
