/* Reports that ask for the same study at the same time: one of them counts. Threads record, the
 * test's thread asserts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "audit/model/json.h"
#include "audit/sources/study_cache.h"
#include "audit_fixture.h"
#include "base/clock.h"
#include "ctx/group.h"
#include "ctx/test.h"
#include "obs/metrics.h"
#include "support/prometheus.h"

enum { N_CALLERS = 12, N_SITES = 12, WAIT_S = 20 };

static int check_leaks(void **state)
{
    (void)state;
    ctx_test_settle();
    return ctx_test_no_leaks() ? 0 : -1;
}

/* --- callers and a door --------------------------------------------------------------------- */

/* Facts that are made only once the door is open. */
struct maker {
    struct ctx_scope *door;
    struct ctx_scope *running;
    _Atomic unsigned int n_runs;
    _Atomic unsigned int n_stopped;
};

static void open_door(void *door)
{
    ctx_cancel(door, CTX_CAUSE_CANCELLED);
}

static enum status make(
    const struct ctx *ctx, void *arg, struct study_facts **ret_facts, struct error *ret_error)
{
    struct maker *maker = arg;
    maker->n_runs++;
    ctx_cancel(maker->running, CTX_CAUSE_CANCELLED);
    struct ctx_after *after = ctx_after_func(ctx, open_door, maker->door);
    (void)ctx_wait(maker->door->ctx);
    ctx_stop_wait(after);
    if (ctx_err(ctx) != STATUS_OK) {
        maker->n_stopped++;
        return error_set(ret_error, ctx_err(ctx), "stopped");
    }
    *ret_facts = study_facts_new(sizeof(struct study_counts));
    return *ret_facts == NULL ? STATUS_RESOURCE_EXHAUSTED : STATUS_OK;
}

struct caller {
    struct study_cache *cache;
    struct maker *maker;
    struct ctx_scope *scope;
    struct ctx_scope *returned;
    enum status status;
    struct study_facts *facts;
    enum study_outcome outcome;
};

static enum status ask(const struct ctx *ctx, void *arg)
{
    (void)ctx;
    static const struct study_key KEY = {.source = "edc", .study_id = 1, .data_version = 1};
    struct caller *caller = arg;
    struct error error = ERROR_NONE;
    caller->status = study_cache_get(caller->scope->ctx, caller->cache, &KEY, make, caller->maker,
        &caller->facts, &caller->outcome, &error);
    ctx_cancel(caller->returned, CTX_CAUSE_CANCELLED);
    return STATUS_OK;
}

/* One that counts, the others wait for it. */
struct scene {
    struct study_cache *cache;
    struct maker maker;
    struct ctx_group *group;
    struct caller callers[N_CALLERS]; /* [0] counts */
};

static bool is_done_soon(const struct ctx_scope *scope)
{
    (void)ctx_wait_until(scope->ctx, clock_now_ns() + CTX_SECONDS(WAIT_S));
    return ctx_done(scope->ctx);
}

static void start_caller(struct scene *scene, size_t index)
{
    struct caller *caller = &scene->callers[index];
    *caller = (struct caller){.cache = scene->cache, .maker = &scene->maker};
    caller->scope = ctx_with_cancel(ctx_background());
    caller->returned = ctx_with_cancel(ctx_background());
    assert_int_equal(ctx_group_run(scene->group, ask, caller), STATUS_OK);
}

static void scene_start(struct scene *scene)
{
    *scene = (struct scene){.cache = study_cache_new(0, 0)};
    scene->maker.door = ctx_with_cancel(ctx_background());
    scene->maker.running = ctx_with_cancel(ctx_background());
    scene->group = ctx_group_new(ctx_background());
    start_caller(scene, 0);
    assert_true(is_done_soon(scene->maker.running));
    for (size_t i = 1; i < N_CALLERS; i++) {
        start_caller(scene, i);
    }
    uint64_t limit_ns = clock_now_ns() + CTX_SECONDS(WAIT_S);
    while (study_cache_asking(scene->cache) < N_CALLERS && clock_now_ns() < limit_ns) {
        (void)ctx_wait_until(ctx_background(), clock_now_ns() + CTX_MS(1));
    }
    assert_int_equal(study_cache_asking(scene->cache), N_CALLERS);
}

static void scene_end(struct scene *scene)
{
    for (size_t i = 0; i < N_CALLERS; i++) {
        ctx_result_unref(scene->callers[i].facts == NULL ? NULL : &scene->callers[i].facts->result);
        ctx_scope_end(scene->callers[i].scope);
        ctx_scope_end(scene->callers[i].returned);
    }
    ctx_scope_end(scene->maker.door);
    ctx_scope_end(scene->maker.running);
    study_cache_free(scene->cache);
}

static void all_who_ask_at_once_hold_what_one_of_them_made(void **state)
{
    (void)state;
    struct scene scene;
    scene_start(&scene);
    open_door(scene.maker.door);
    assert_int_equal(ctx_group_wait(scene.group), STATUS_OK);
    assert_int_equal(scene.maker.n_runs, 1);
    assert_int_equal(scene.callers[0].outcome, STUDY_MISS);
    for (size_t i = 0; i < N_CALLERS; i++) {
        assert_int_equal(scene.callers[i].status, STATUS_OK);
        assert_ptr_equal(scene.callers[i].facts, scene.callers[0].facts);
        assert_true(i == 0 || scene.callers[i].outcome != STUDY_MISS);
    }
    ctx_test_settle();
    scene_end(&scene);
}

static void who_has_no_time_left_goes_alone(void **state)
{
    (void)state;
    struct scene scene;
    scene_start(&scene);
    ctx_cancel(scene.callers[3].scope, CTX_CAUSE_CLIENT_DISCONNECTED);
    assert_true(is_done_soon(scene.callers[3].returned));
    open_door(scene.maker.door);
    assert_int_equal(ctx_group_wait(scene.group), STATUS_OK);
    assert_int_equal(scene.maker.n_runs, 1);
    assert_int_equal(scene.maker.n_stopped, 0);
    assert_int_equal(scene.callers[3].status, STATUS_CANCELLED);
    assert_null(scene.callers[3].facts);
    for (size_t i = 1; i < N_CALLERS; i++) {
        assert_int_equal(scene.callers[i].status, i == 3 ? STATUS_CANCELLED : STATUS_OK);
    }
    ctx_test_settle();
    scene_end(&scene);
}

static void when_the_last_has_gone_the_counting_stops_and_nothing_is_kept(void **state)
{
    (void)state;
    struct scene scene;
    scene_start(&scene);
    for (size_t i = 0; i < N_CALLERS; i++) {
        ctx_cancel(scene.callers[i].scope, CTX_CAUSE_CLIENT_DISCONNECTED);
    }
    assert_int_equal(ctx_group_wait(scene.group), STATUS_OK);
    ctx_test_settle();
    assert_int_equal(scene.maker.n_runs, scene.maker.n_stopped);
    for (size_t i = 0; i < N_CALLERS; i++) {
        assert_int_equal(scene.callers[i].status, STATUS_CANCELLED);
        assert_null(scene.callers[i].facts);
    }
    struct caller again = {
        .cache = scene.cache, .maker = &scene.maker, .scope = ctx_with_cancel(ctx_background())};
    again.returned = ctx_with_cancel(ctx_background());
    (void)ask(ctx_background(), &again); /* the door is open by now */
    assert_int_equal(again.status, STATUS_OK);
    assert_int_equal(again.outcome, STUDY_MISS);
    ctx_result_unref(&again.facts->result);
    ctx_scope_end(again.scope);
    ctx_scope_end(again.returned);
    scene_end(&scene);
}

/* --- reports -------------------------------------------------------------------------------- */

static void site_name(size_t index, char name[4])
{
    snprintf(name, 4, "%02zu", index % N_SITES + 1);
}

/* One report's hash and the version of the data that it is of. */
struct made {
    enum status status;
    char hash[65];
    int64_t data_version;
};

static struct made make_report(
    const struct ctx *ctx, const struct audit_sources *sources, size_t site)
{
    char site_no[4];
    site_name(site, site_no);
    struct audit_request request = {.site_no = site_no};
    struct report *report = NULL;
    struct error error = ERROR_NONE;
    struct made made = {.status = audit_build(ctx, sources, &request, &report, &error)};
    if (made.status == STATUS_OK) {
        made.status = model_hash(ctx, report);
        memcpy(made.hash, report->content_hash, sizeof(made.hash));
        made.data_version = report->snapshots[0].data_version;
    }
    report_free(report);
    return made;
}

struct builder {
    const struct audit_sources *sources;
    size_t site;
    struct made made;
};

static enum status build_one(const struct ctx *ctx, void *arg)
{
    struct builder *builder = arg;
    builder->made = make_report(ctx, builder->sources, builder->site);
    return STATUS_OK;
}

static double count_of(const char *source, const char *result)
{
    static struct prometheus page;
    struct buffer text = BUFFER_EMPTY(4 << 20);
    char series[PROMETHEUS_TEXT_MAX];
    assert_int_equal(metrics_page_write(NULL, &text), STATUS_OK);
    assert_int_equal(buffer_append(&text, "", 1), STATUS_OK);
    assert_string_equal(prometheus_read((const char *)text.data, &page), "");
    snprintf(series, sizeof(series), "walkie_study_cache_total{source=\"%s\",result=\"%s\"}",
        source, result);
    double value = prometheus_value(&page, series);
    buffer_finish(&text);
    return value < 0 ? 0 : value;
}

/* All sites' reports at once, and the same as without a cache. */
static void reports_of_all_sites_at_once_count_the_study_once(void **state)
{
    (void)state;
    static const char *const SOURCES[] = {"edc", "ctms"};
    struct audit_fixture *fixture = audit_fixture_new();
    struct made alone[N_SITES];
    for (size_t i = 0; i < N_SITES; i++) {
        alone[i] = make_report(ctx_background(), &fixture->sources, i);
        assert_int_equal(alone[i].status, STATUS_OK);
    }
    double before[2][3];
    for (size_t i = 0; i < 2; i++) {
        before[i][0] = count_of(SOURCES[i], "miss");
        before[i][1] = count_of(SOURCES[i], "hit");
        before[i][2] = count_of(SOURCES[i], "shared");
    }
    struct builder builders[N_SITES];
    struct ctx_group *group = ctx_group_new(ctx_background());
    fixture->sources.study_cache = study_cache_new(0, 0);
    for (size_t i = 0; i < N_SITES; i++) {
        builders[i] = (struct builder){.sources = &fixture->sources, .site = i};
        assert_int_equal(ctx_group_run(group, build_one, &builders[i]), STATUS_OK);
    }
    assert_int_equal(ctx_group_wait(group), STATUS_OK);
    for (size_t i = 0; i < N_SITES; i++) {
        assert_int_equal(builders[i].made.status, STATUS_OK);
        assert_string_equal(builders[i].made.hash, alone[i].hash);
    }
    for (size_t i = 0; i < 2; i++) {
        assert_true(count_of(SOURCES[i], "miss") == before[i][0] + 1);
        assert_true(count_of(SOURCES[i], "hit") + count_of(SOURCES[i], "shared") ==
                    before[i][1] + before[i][2] + N_SITES - 1);
    }
    study_cache_free(fixture->sources.study_cache);
    audit_fixture_free(fixture);
}

/* --- while the data change ------------------------------------------------------------------ */

enum { N_VERSIONS = 6, N_READERS = 4, N_READ_SITES = 3 };

/* Each version moves the indicators of all sites; every other one has a summary. */
static void write_version(struct audit_fixture *fixture, int version)
{
    char sql[400];
    snprintf(sql, sizeof(sql),
        "INSERT INTO adverse_event (subject_id, seq, term, severity, grade, serious, related,"
        " start_on, entered_at) SELECT subject_id, %d, 'cough', 'mild', 1, 0, 'not_related',"
        " '2024-03-01', 1709283600000 FROM subject WHERE subject_id %% 7 = %d;"
        "UPDATE item_data SET n_changes = 1 WHERE item_id %% 97 = %d",
        20 + version, version, version);
    audit_fixture_edc(fixture, sql);
    if (version % 2 == 1) {
        audit_fixture_refresh(fixture);
    }
}

struct reader {
    const struct audit_sources *sources;
    const _Atomic bool *is_over;
    struct made (*expected)[N_READ_SITES];
    unsigned int n_read;
    unsigned int n_wrong;
    unsigned int n_failed;
};

static enum status read_on(const struct ctx *ctx, void *arg)
{
    struct reader *reader = arg;
    bool is_last = false;
    while (!is_last) {
        is_last = atomic_load(reader->is_over);
        size_t site = reader->n_read % N_READ_SITES;
        struct made made = make_report(ctx, reader->sources, site);
        bool is_right = false;
        for (size_t i = 0; i <= N_VERSIONS; i++) {
            is_right = is_right || (reader->expected[i][site].data_version == made.data_version &&
                                       strcmp(reader->expected[i][site].hash, made.hash) == 0);
        }
        reader->n_read++;
        reader->n_failed += made.status != STATUS_OK;
        reader->n_wrong += made.status == STATUS_OK && !is_right;
    }
    return STATUS_OK;
}

static void a_report_is_of_the_version_that_its_snapshot_has(void **state)
{
    (void)state;
    static struct made expected[N_VERSIONS + 1][N_READ_SITES];
    struct audit_fixture *alone = audit_fixture_new();
    for (int version = 0; version <= N_VERSIONS; version++) {
        if (version > 0) {
            write_version(alone, version);
        }
        for (size_t site = 0; site < N_READ_SITES; site++) {
            expected[version][site] = make_report(ctx_background(), &alone->sources, site);
        }
    }
    assert_string_not_equal(expected[0][0].hash, expected[N_VERSIONS][0].hash);
    struct audit_fixture *fixture = audit_fixture_new();
    fixture->sources.study_cache = study_cache_new(2, 0); /* entries come and go */
    struct ctx_group *group = ctx_group_new(ctx_background());
    struct reader readers[N_READERS];
    _Atomic bool is_over = false;
    for (size_t i = 0; i < N_READERS; i++) {
        readers[i] = (struct reader){
            .sources = &fixture->sources, .is_over = &is_over, .expected = expected};
        assert_int_equal(ctx_group_run(group, read_on, &readers[i]), STATUS_OK);
    }
    for (int version = 1; version <= N_VERSIONS; version++) {
        write_version(fixture, version);
    }
    atomic_store(&is_over, true);
    assert_int_equal(ctx_group_wait(group), STATUS_OK);
    for (size_t i = 0; i < N_READERS; i++) {
        assert_int_equal(readers[i].n_failed, 0);
        assert_int_equal(readers[i].n_wrong, 0);
    }
    study_cache_free(fixture->sources.study_cache);
    audit_fixture_free(fixture);
    audit_fixture_free(alone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(all_who_ask_at_once_hold_what_one_of_them_made, check_leaks),
        cmocka_unit_test_teardown(who_has_no_time_left_goes_alone, check_leaks),
        cmocka_unit_test_teardown(
            when_the_last_has_gone_the_counting_stops_and_nothing_is_kept, check_leaks),
        cmocka_unit_test_teardown(reports_of_all_sites_at_once_count_the_study_once, check_leaks),
        cmocka_unit_test_teardown(a_report_is_of_the_version_that_its_snapshot_has, check_leaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
