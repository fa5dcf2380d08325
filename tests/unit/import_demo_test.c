/* The demonstration study: repeatable, whole or absent, and with its planted problems in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "ctx/test.h"
#include "import/demo.h"
#include "schema/audit_chain.h"

struct world {
    char folder[64];
    char path[4][128]; /* edc, ctms, manifest, a second edc */
    char uri[2][144];
};

static enum status make(const struct world *world, const struct ctx *ctx, uint64_t seed,
    bool is_forced, struct error *ret_error)
{
    const struct demo_options options = {
        .dataset = {world->uri[0], world->uri[1], is_forced, "demo"},
        .manifest_path = world->path[2],
        .n_sites = 3,
        .n_subjects = 4,
        .seed = seed,
    };
    return demo_make(ctx, &options, ret_error);
}

static void make_good(const struct world *world, uint64_t seed)
{
    struct error error = ERROR_NONE;
    enum status status = make(world, ctx_background(), seed, true, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(status, STATUS_OK);
}

/* Not over the files that are there: what replaces them counts their data version on. */
static void make_anew(const struct world *world, uint64_t seed)
{
    unlink(world->path[0]);
    unlink(world->path[1]);
    make_good(world, seed);
}

static char *read_file(const char *path, size_t *ret_len)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    *ret_len = (size_t)ftell(file);
    rewind(file);
    char *data = malloc(*ret_len);
    assert_non_null(data);
    assert_int_equal(fread(data, 1, *ret_len, file), *ret_len);
    fclose(file);
    return data;
}

static bool are_equal(char *one, size_t one_len, char *other, size_t other_len)
{
    bool is_equal = one_len == other_len && memcmp(one, other, one_len) == 0;
    free(one);
    free(other);
    return is_equal;
}

static void the_same_seed_gives_the_same_bytes(void **state)
{
    const struct world *world = *state;
    size_t len[2];
    make_anew(world, 1);
    char *first = read_file(world->path[0], &len[0]);
    make_anew(world, 1);
    char *second = read_file(world->path[0], &len[1]);
    assert_true(are_equal(first, len[0], second, len[1]));
}

static void another_seed_gives_another_study(void **state)
{
    const struct world *world = *state;
    size_t len[2];
    make_anew(world, 1);
    char *first = read_file(world->path[0], &len[0]);
    make_anew(world, 2);
    char *second = read_file(world->path[0], &len[1]);
    assert_false(are_equal(first, len[0], second, len[1]));
}

static void files_that_exist_are_not_replaced_unasked(void **state)
{
    const struct world *world = *state;
    struct error error = ERROR_NONE;
    make_good(world, 1);
    assert_int_equal(make(world, ctx_background(), 1, false, &error), STATUS_ALREADY_EXISTS);
    assert_non_null(strstr(error.text, "--force"));
}

static void a_cancelled_run_leaves_no_file(void **state)
{
    const struct world *world = *state;
    struct error error = ERROR_NONE;
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    ctx_cancel(scope, CTX_CAUSE_USER_CANCELLED);
    assert_int_equal(make(world, scope->ctx, 1, false, &error), STATUS_CANCELLED);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(access(world->path[i], F_OK), -1);
    }
    assert_int_equal(rmdir(world->folder), 0); /* nothing else is in it either */
    assert_int_equal(mkdir(world->folder, 0700), 0);
}

/* Run a query over the edc and hand each row to `use`. */
static void each_row(const struct world *world, const char *sql,
    void (*use)(const struct db_rows *rows, void *arg), void *arg)
{
    struct error error = ERROR_NONE;
    const struct db_options options = {"edc", world->uri[0], DB_OPEN_READ_ONLY};
    struct db *db = NULL;
    struct db_session *session = NULL;
    struct db_rows *rows = NULL;
    bool has_row = true;
    const struct ctx *ctx = ctx_background();
    assert_int_equal(db_open(ctx, &options, &db, &error), STATUS_OK);
    assert_int_equal(db_begin(ctx, db, DB_READ, &session, &error), STATUS_OK);
    assert_int_equal(schema_check(ctx, session, SCHEMA_EDC, &error), STATUS_OK);
    assert_int_equal(db_query(ctx, session, sql, NULL, 0, &rows, &error), STATUS_OK);
    enum status status = STATUS_OK;
    while ((status = db_next(ctx, rows, &has_row, &error)) == STATUS_OK && has_row) {
        use(rows, arg);
    }
    db_rows_free(rows);
    db_end(session);
    db_close(db);
    assert_int_equal(status, STATUS_OK);
}

struct chain {
    struct sha256 *digest;
    char hash[SHA256_HEX_MAX];
    int n_rows;
    int n_broken;
};

static void follow_chain(const struct db_rows *rows, void *arg)
{
    struct chain *chain = arg;
    const struct audit_row row = {db_column_integer(rows, 0), db_column_integer(rows, 1),
        db_column_integer(rows, 2), db_column_text(rows, 3), db_column_integer(rows, 4),
        db_column_integer(rows, 5), db_column_text(rows, 6), db_column_text(rows, 7),
        db_column_text(rows, 8)};
    char previous[SHA256_HEX_MAX];
    memcpy(previous, chain->hash, sizeof(previous));
    audit_chain_hash(chain->digest, previous, &row, chain->hash);
    chain->n_rows++;
    chain->n_broken += strcmp(previous, db_column_text(rows, 9)) != 0 ? 1 : 0;
    chain->n_broken += strcmp(chain->hash, db_column_text(rows, 10)) != 0 ? 1 : 0;
}

static void the_audit_trail_is_one_unbroken_chain(void **state)
{
    const struct world *world = *state;
    struct chain chain = {.digest = sha256_new()};
    assert_non_null(chain.digest);
    memcpy(chain.hash, AUDIT_CHAIN_START, sizeof(chain.hash));
    make_good(world, 3);
    each_row(world,
        "SELECT audit_id, at, user_id, action, form_id, item_id, old_value, new_value, reason, "
        "prev_hash, hash FROM audit_trail ORDER BY audit_id",
        follow_chain, &chain);
    sha256_free(chain.digest);
    assert_true(chain.n_rows > 500);
    assert_int_equal(chain.n_broken, 0);
}

static void count_row(const struct db_rows *rows, void *arg)
{
    *(int64_t *)arg = db_column_integer(rows, 0);
}

static void no_date_is_after_the_study_s_now(void **state)
{
    const struct world *world = *state;
    int64_t n_late = -1;
    make_good(world, 3);
    each_row(world,
        "SELECT count(*) FROM subject WHERE last_seen_on > '" DEMO_AS_OF "' "
        "OR screened_on > '" DEMO_AS_OF "' OR first_dose_on > last_dose_on "
        "OR last_dose_on > last_seen_on",
        count_row, &n_late);
    assert_int_equal(n_late, 0);
}

static void the_manifest_names_the_planted_problems(void **state)
{
    const struct world *world = *state;
    size_t len;
    make_good(world, 1);
    char *text = read_file(world->path[2], &len);
    char copy[4096] = "";
    assert_true(len < sizeof(copy));
    memcpy(copy, text, len);
    free(text);
    assert_non_null(strstr(copy, "\"kind\": \"late_data_entry\""));
    assert_non_null(strstr(copy, "\"site_no\": \"103\""));
}

static int set_up(void **state)
{
    static struct world world;
    static const char *const NAMES[] = {"edc", "ctms", "manifest", "other"};
    snprintf(world.folder, sizeof(world.folder), "/tmp/walkie-demo-XXXXXX");
    if (mkdtemp(world.folder) == NULL) {
        return -1;
    }
    for (size_t i = 0; i < LENGTH_OF(NAMES); i++) {
        snprintf(world.path[i], sizeof(world.path[i]), "%s/%s", world.folder, NAMES[i]);
    }
    for (size_t i = 0; i < 2; i++) {
        snprintf(world.uri[i], sizeof(world.uri[i]), "sqlite:%s", world.path[i]);
    }
    *state = &world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    for (size_t i = 0; i < LENGTH_OF(world->path); i++) {
        unlink(world->path[i]);
    }
    return rmdir(world->folder) == 0 && ctx_test_no_leaks() ? 0 : -1;
}

#define WITH_WORLD(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_WORLD(the_same_seed_gives_the_same_bytes),
        WITH_WORLD(another_seed_gives_another_study),
        WITH_WORLD(files_that_exist_are_not_replaced_unasked),
        WITH_WORLD(a_cancelled_run_leaves_no_file),
        WITH_WORLD(the_audit_trail_is_one_unbroken_chain),
        WITH_WORLD(no_date_is_after_the_study_s_now),
        WITH_WORLD(the_manifest_names_the_planted_problems),
    };
    return cmocka_run_group_tests_name("import_demo", tests, NULL, NULL);
}
