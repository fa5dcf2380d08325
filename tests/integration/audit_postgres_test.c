/* A report from PostgreSQL is the report from SQLite, byte for byte: every site, both languages, as
 * JSON and as PDF, also where the server orders text by the rules of a language. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/audit.h"
#include "audit/document/document.h"
#include "audit/model/json.h"
#include "audit_demo.h"
#include "base/bytes.h"
#include "support/database_copy.h"
#include "support/postgres_server.h"

enum { N_SITES = 12, N_SUBJECTS = 10, REPORT_LEN_MAX = 64 << 20, URI_MAX = 160 };

enum place { SQLITE, POSTGRES, POSTGRES_ICU, PLACE_COUNT };

static const char *const PLACE_NAMES[PLACE_COUNT] = {"SQLite", "PostgreSQL", "PostgreSQL (ICU)"};

struct world {
    char folder[40];
    struct audit_sources sources[PLACE_COUNT];
};

static struct db *open_database(const char *name, const char *uri)
{
    struct db *db = NULL;
    struct error error = ERROR_NONE;
    struct db_options options = {.name = name, .uri = uri, .mode = DB_OPEN_READ_ONLY};
    if (db_open(ctx_background(), &options, &db, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    return db;
}

static struct db *open_copy(
    const char *sqlite_uri, enum schema_kind kind, enum place place, const char *prefix)
{
    char name[64];
    char uri[POSTGRES_URI_MAX];
    struct error error = ERROR_NONE;
    snprintf(name, sizeof(name), "%s_%s%s", prefix, schema_kind_name(kind),
        place == POSTGRES_ICU ? "_icu" : "");
    if (place == POSTGRES_ICU) {
        postgres_server_database_icu(name, uri);
    } else {
        postgres_server_database(name, uri);
    }
    if (database_copy(sqlite_uri, kind, uri, &error) != STATUS_OK) {
        fail_msg("%s: %s", name, error.text);
    }
    return open_database(schema_kind_name(kind), uri);
}

static void open_places(
    struct world *world, const char *edc_uri, const char *ctms_uri, const char *prefix)
{
    world->sources[SQLITE].edc = open_database("edc", edc_uri);
    world->sources[SQLITE].ctms = open_database("ctms", ctms_uri);
    for (enum place place = POSTGRES; place < PLACE_COUNT; place++) {
        world->sources[place].edc = open_copy(edc_uri, SCHEMA_EDC, place, prefix);
        world->sources[place].ctms = open_copy(ctms_uri, SCHEMA_CTMS, place, prefix);
    }
}

static enum status write_buffer(void *arg, struct bytes piece)
{
    return buffer_append(arg, piece.data, piece.len);
}

static struct report *build(const struct audit_sources *sources, const char *site_no)
{
    struct audit_request request = {.site_no = site_no, .is_unblinded = true};
    struct report *report = NULL;
    struct error error = ERROR_NONE;
    if (audit_build(ctx_background(), sources, &request, &report, &error) != STATUS_OK) {
        fail_msg("site %s: %s", site_no, error.text);
    }
    assert_int_equal(model_hash(ctx_background(), report), STATUS_OK);
    return report;
}

static struct buffer write_json(const struct report *report, enum language language)
{
    struct buffer text = BUFFER_EMPTY(REPORT_LEN_MAX);
    assert_int_equal(
        model_write_json(ctx_background(), report, language, write_buffer, &text), STATUS_OK);
    return text;
}

static struct buffer write_pdf(const struct report *report, enum language language)
{
    struct buffer text = BUFFER_EMPTY(REPORT_LEN_MAX);
    struct error error = ERROR_NONE;
    const struct document_options options = {.language = language};
    if (document_write_pdf(ctx_background(), report, &options, write_buffer, &text, &error) !=
        STATUS_OK) {
        fail_msg("%s", error.text);
    }
    return text;
}

/* Shows where they part. */
static void expect_equal(const char *site_no, const char *what, enum place place,
    struct buffer *expected, struct buffer *found)
{
    size_t at = 0;
    while (at < expected->len && at < found->len && expected->data[at] == found->data[at]) {
        at++;
    }
    if (at < expected->len || at < found->len) {
        size_t from = at < 60 ? 0 : at - 60;
        fail_msg("site %s, %s from %s: at byte %zu of %zu: \"%.120s\", not \"%.120s\"", site_no,
            what, PLACE_NAMES[place], at, expected->len, (const char *)found->data + from,
            (const char *)expected->data + from);
    }
    buffer_finish(expected);
    buffer_finish(found);
}

/* A PDF is made of the model alone, as the JSON is: some are enough. */
static void compare(
    const struct world *world, const char *site_no, enum place last_place, bool with_pdf)
{
    struct report *expected = build(&world->sources[SQLITE], site_no);
    for (enum place place = POSTGRES; place <= last_place; place++) {
        struct report *found = build(&world->sources[place], site_no);
        for (enum language language = LANGUAGE_EN; language <= LANGUAGE_ZH_CN; language++) {
            struct buffer one = write_json(expected, language);
            struct buffer other = write_json(found, language);
            expect_equal(site_no, "JSON", place, &one, &other);
            if (with_pdf && place == POSTGRES) {
                one = write_pdf(expected, language);
                other = write_pdf(found, language);
                expect_equal(site_no, "PDF", place, &one, &other);
            }
        }
        report_free(found);
    }
    report_free(expected);
}

static void all_sites_of_the_demo_have_equal_reports(void **state)
{
    struct world *world = *state;
    for (int site = 101; site < 101 + N_SITES; site++) {
        char site_no[16];
        snprintf(site_no, sizeof(site_no), "%d", site);
        compare(
            world, site_no, site % 3 == 0 ? POSTGRES_ICU : POSTGRES, site == 103 || site == 110);
    }
}

static void all_places_list_the_same_centers(void **state)
{
    struct world *world = *state;
    struct error error = ERROR_NONE;
    struct arena *arenas[PLACE_COUNT];
    struct audit_center *first[PLACE_COUNT];
    for (enum place place = SQLITE; place < PLACE_COUNT; place++) {
        arenas[place] = arena_new((size_t)16 << 20);
        assert_int_equal(audit_list_centers(ctx_background(), &world->sources[place], arenas[place],
                             &first[place], &error),
            STATUS_OK);
    }
    for (enum place place = POSTGRES; place < PLACE_COUNT; place++) {
        int n_centers = 0;
        const struct audit_center *b = first[place];
        for (const struct audit_center *a = first[SQLITE]; a != NULL; a = a->next, b = b->next) {
            assert_non_null(b);
            assert_string_equal(a->site_no, b->site_no);
            assert_int_equal(a->n_enrolled, b->n_enrolled);
            assert_int_equal(a->n_open_findings, b->n_open_findings);
            n_centers++;
        }
        assert_int_equal(n_centers, N_SITES);
    }
    for (enum place place = SQLITE; place < PLACE_COUNT; place++) {
        arena_free(arenas[place]);
    }
}

static int start(void **state)
{
    static struct world world;
    memcpy(world.folder, "/tmp/walkie-equal-XXXXXX", sizeof("/tmp/walkie-equal-XXXXXX"));
    if (mkdtemp(world.folder) == NULL ||
        audit_demo_make_sized(world.folder, N_SITES, N_SUBJECTS) != STATUS_OK) {
        return -1;
    }
    char edc_uri[URI_MAX];
    char ctms_uri[URI_MAX];
    snprintf(edc_uri, sizeof(edc_uri), "sqlite:%s/edc.db", world.folder);
    snprintf(ctms_uri, sizeof(ctms_uri), "sqlite:%s/ctms.db", world.folder);
    open_places(&world, edc_uri, ctms_uri, "audit_equal");
    *state = &world;
    return 0;
}

static int end(void **state)
{
    static const char *const FILES[] = {"edc.db", "ctms.db", "problems.json"};
    struct world *world = *state;
    for (enum place place = SQLITE; place < PLACE_COUNT; place++) {
        db_close(world->sources[place].edc);
        db_close(world->sources[place].ctms);
    }
    for (size_t i = 0; i < LENGTH_OF(FILES); i++) {
        char path[80];
        snprintf(path, sizeof(path), "%s/%s", world->folder, FILES[i]);
        unlink(path);
    }
    return rmdir(world->folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_sites_of_the_demo_have_equal_reports),
        cmocka_unit_test(all_places_list_the_same_centers),
    };
    return cmocka_run_group_tests_name("audit_postgres", tests, start, end);
}
