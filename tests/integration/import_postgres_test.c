/* Data sets written into PostgreSQL: the same rows as in SQLite, in one transaction. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "crypto/sha256.h"
#include "import/demo.h"
#include "import/odm.h"
#include "support/postgres_server.h"

enum { URI_MAX = 200 };

struct site {
    char folder[64];
    char file_uri[2][URI_MAX];            /* edc, ctms */
    char server_uri[2][POSTGRES_URI_MAX]; /* the same */
    struct error error;
};

static const struct {
    const char *name;
    const char *columns;
} TABLES[] = {
#define TABLE_ROW(name, table, columns) {table, columns},
    EDC_TABLES(TABLE_ROW) CTMS_TABLES(TABLE_ROW)
#undef TABLE_ROW
};

static int setup(void **state)
{
    struct site *site = calloc(1, sizeof(*site));
    assert_non_null(site);
    snprintf(site->folder, sizeof(site->folder), "import-postgres-XXXXXX");
    assert_non_null(mkdtemp(site->folder));
    static const char *const NAMES[] = {"edc", "ctms"};
    for (int i = 0; i < 2; i++) {
        char name[64];
        snprintf(site->file_uri[i], URI_MAX, "sqlite:%s/%s", site->folder, NAMES[i]);
        snprintf(name, sizeof(name), "import_postgres_%s", NAMES[i]);
        postgres_server_database(name, site->server_uri[i]);
    }
    *state = site;
    return 0;
}

static int teardown(void **state)
{
    struct site *site = *state;
    static const char *const FILES[] = {"edc", "ctms", "problems.json", "other.xml"};
    for (size_t i = 0; i < LENGTH_OF(FILES); i++) {
        char path[URI_MAX];
        snprintf(path, sizeof(path), "%s/%s", site->folder, FILES[i]);
        unlink(path);
    }
    rmdir(site->folder);
    free(site);
    return 0;
}

/* A number is the same number however a database writes it: "80" and "80.0". */
static void digest_value(struct sha256 *digest, const char *text)
{
    char *end = NULL;
    double number = text == NULL ? 0 : strtod(text, &end);
    if (text == NULL) {
        sha256_update(digest, "\1", 1);
    } else if (end != text && *end == '\0') {
        sha256_update(digest, &number, sizeof(number));
    } else {
        sha256_update(digest, text, strlen(text) + 1);
    }
}

/* Every value of every row of the query, as one digest. */
static uint64_t digest_rows(
    struct db_session *session, const char *sql, int n_columns, struct sha256 *digest)
{
    struct db_rows *rows = NULL;
    struct error error = ERROR_NONE;
    bool has_row = true;
    uint64_t n_rows = 0;
    assert_int_equal(db_query(ctx_background(), session, sql, NULL, 0, &rows, &error), STATUS_OK);
    for (;;) {
        assert_int_equal(db_next(ctx_background(), rows, &has_row, &error), STATUS_OK);
        if (!has_row) {
            break;
        }
        n_rows++;
        for (int i = 0; i < n_columns; i++) {
            digest_value(digest, db_column_text(rows, i));
        }
    }
    db_rows_free(rows);
    return n_rows;
}

/* The digest of all tables of a database; `first` to `last` of the table of tables. */
static uint64_t digest_tables(
    const char *uri, size_t first, size_t last, char ret_hex[SHA256_HEX_MAX])
{
    const struct db_options options = {.name = "edc", .uri = uri, .mode = DB_OPEN_READ_ONLY};
    struct db *db = NULL;
    struct db_session *session = NULL;
    struct error error = ERROR_NONE;
    struct sha256 *digest = sha256_new();
    uint64_t n_rows = 0;
    assert_non_null(digest);
    assert_int_equal(db_open(ctx_background(), &options, &db, &error), STATUS_OK);
    assert_int_equal(db_begin(ctx_background(), db, DB_READ, &session, &error), STATUS_OK);
    for (size_t i = first; i < last; i++) {
        char sql[1024];
        int n_columns = 1;
        for (const char *at = TABLES[i].columns; *at != '\0'; at++) {
            n_columns += *at == ',' ? 1 : 0;
        }
        snprintf(
            sql, sizeof(sql), "SELECT %s FROM %s ORDER BY 1, 2", TABLES[i].columns, TABLES[i].name);
        n_rows += digest_rows(session, sql, n_columns, digest);
    }
    n_rows += digest_rows(session, "SELECT key, value FROM meta ORDER BY 1", 2, digest);
    n_rows += digest_rows(
        session, "SELECT table_name, is_provided, note FROM provided ORDER BY 1", 3, digest);
    sha256_finish_hex(digest, ret_hex);
    sha256_free(digest);
    db_end(session);
    db_close(db);
    return n_rows;
}

static void assert_equal_rows(const struct site *site, uint64_t n_rows_min)
{
    static const size_t BOUNDS[] = {0, TABLE_EDC_COUNT, TABLE_COUNT};
    uint64_t n_rows = 0;
    for (int i = 0; i < 2; i++) {
        char file_hex[SHA256_HEX_MAX];
        char server_hex[SHA256_HEX_MAX];
        n_rows += digest_tables(site->file_uri[i], BOUNDS[i], BOUNDS[i + 1], file_hex);
        (void)digest_tables(site->server_uri[i], BOUNDS[i], BOUNDS[i + 1], server_hex);
        assert_string_equal(file_hex, server_hex);
    }
    assert_true(n_rows >= n_rows_min);
}

static enum status make_demo(
    struct site *site, const char *edc_uri, const char *ctms_uri, bool is_forced)
{
    char manifest[URI_MAX];
    snprintf(manifest, sizeof(manifest), "%s/problems.json", site->folder);
    const struct demo_options options = {.dataset = {edc_uri, ctms_uri, is_forced, "demo"},
        .manifest_path = manifest,
        .n_sites = 3,
        .n_subjects = 6,
        .seed = 7};
    return demo_make(ctx_background(), &options, &site->error);
}

static enum status load(
    struct site *site, const struct ctx *ctx, const char *uris[2], const char *path, bool is_forced)
{
    const struct odm_options options = {
        .dataset = {uris[0], uris[1], is_forced, "odm"}, .path = path};
    return odm_import(ctx, &options, &site->error);
}

static enum status load_file(struct site *site, bool is_forced)
{
    const char *uris[] = {site->file_uri[0], site->file_uri[1]};
    return load(site, ctx_background(), uris, ODM_EXAMPLE, is_forced);
}

static enum status load_server(struct site *site, const struct ctx *ctx, bool is_forced)
{
    const char *uris[] = {site->server_uri[0], site->server_uri[1]};
    return load(site, ctx, uris, ODM_EXAMPLE, is_forced);
}

static void the_demo_study_is_the_same_in_both_databases(void **state)
{
    struct site *site = *state;
    assert_int_equal(make_demo(site, site->file_uri[0], site->file_uri[1], false), STATUS_OK);
    assert_int_equal(make_demo(site, site->server_uri[0], site->server_uri[1], false), STATUS_OK);
    assert_equal_rows(site, 5000);
}

static void an_odm_file_is_the_same_in_both_databases(void **state)
{
    struct site *site = *state;
    assert_int_equal(load_file(site, false), STATUS_OK);
    assert_int_equal(load_server(site, ctx_background(), false), STATUS_OK);
    assert_equal_rows(site, 150);
    assert_int_equal(load_server(site, ctx_background(), false), STATUS_OK); /* changes nothing */
    assert_equal_rows(site, 150);
}

static void a_study_is_replaced_only_when_asked_and_counts_on(void **state)
{
    struct site *site = *state;
    assert_int_equal(make_demo(site, site->server_uri[0], site->server_uri[1], false), STATUS_OK);
    assert_int_equal(load_server(site, ctx_background(), false), STATUS_ALREADY_EXISTS);
    assert_non_null(strstr(site->error.text, "holds study WLK-301 already; --force replaces it"));
    assert_null(strstr(site->error.text, "s3cret"));
    assert_int_equal(load_server(site, ctx_background(), true), STATUS_OK);
    assert_int_equal(load_file(site, false), STATUS_OK);
    assert_int_equal(load_file(site, true), STATUS_OK); /* its data version is 2 then, too */
    assert_equal_rows(site, 150);
}

/* The clock of a context that is done at once, after some statements, after many. */
static void a_cancelled_load_leaves_the_older_data(void **state)
{
    struct site *site = *state;
    char before[SHA256_HEX_MAX];
    char after[SHA256_HEX_MAX];
    assert_int_equal(make_demo(site, site->server_uri[0], site->server_uri[1], false), STATUS_OK);
    (void)digest_tables(site->server_uri[0], 0, TABLE_EDC_COUNT, before);
    unsigned int n_stopped = 0;
    for (unsigned int ms = 0; ms < 60; ms += 4) {
        CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), ms * UINT64_C(1000000)));
        enum status status = load_server(site, scope->ctx, true);
        if (status == STATUS_OK) {
            break; /* it was quick enough */
        }
        assert_int_equal(status, STATUS_DEADLINE_EXCEEDED);
        n_stopped++;
        (void)digest_tables(site->server_uri[0], 0, TABLE_EDC_COUNT, after);
        assert_string_equal(after, before);
    }
    assert_true(n_stopped >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            the_demo_study_is_the_same_in_both_databases, setup, teardown),
        cmocka_unit_test_setup_teardown(an_odm_file_is_the_same_in_both_databases, setup, teardown),
        cmocka_unit_test_setup_teardown(
            a_study_is_replaced_only_when_asked_and_counts_on, setup, teardown),
        cmocka_unit_test_setup_teardown(a_cancelled_load_leaves_the_older_data, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
