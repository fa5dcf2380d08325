#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700 /* mkdtemp */
#endif
#include "operations_fixture.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "db/db.h"
#ifdef OPERATIONS_POSTGRES
#include "support/postgres_server.h"
#endif

const struct operation_wish OPERATION_STREAM = {
    .method = &TEST_STREAM, .size = OPERATION_STREAM_LEN};
const struct operation_wish OPERATION_BLOCK = {.method = &TEST_BLOCK};

static void fail(const char *what)
{
    fprintf(stderr, "the operations' site: %s\n", what);
    exit(1);
}

unsigned int operation_rounds(unsigned int usual)
{
    const char *text = getenv("WALKIE_OPERATIONS_ROUNDS");
    return text == NULL ? usual : (unsigned int)strtoul(text, NULL, 10);
}

static void describe(const struct operation_failure *failure, struct buffer *json)
{
    (void)!buffer_printf(json, "{\"code\":\"%s\",\"detail\":\"%s\"}",
        status_name(failure->end->status), failure->end->message);
}

static void run_sql(const char *uri, const char *sql)
{
    struct error error = ERROR_NONE;
    struct db *db = NULL;
    struct db_session *session = NULL;
    const struct db_options options = {
        .name = "operations", .uri = uri, .mode = DB_OPEN_READ_WRITE};
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CLOCK_SECONDS(TEST_WAIT_SECONDS)));
    if (db_open(scope->ctx, &options, &db, &error) != STATUS_OK ||
        db_begin(scope->ctx, db, DB_WRITE, &session, &error) != STATUS_OK ||
        db_exec(scope->ctx, session, sql, NULL, 0, &error) != STATUS_OK ||
        db_commit(scope->ctx, session, &error) != STATUS_OK) {
        fail(error.text);
    }
    db_end(session);
    db_close(db);
}

void operations_site_sql(const struct operations_site *site, const char *sql)
{
    run_sql(site->uri, sql);
}

static void make_store(struct operations_site *site)
{
#ifdef OPERATIONS_POSTGRES
    static char uri[POSTGRES_URI_MAX];
    if (uri[0] == '\0') {
        postgres_server_database("operations_test", uri);
    }
    run_sql(uri, "DROP TABLE IF EXISTS walkie_operation"); /* making a database takes long */
    snprintf(site->uri, sizeof(site->uri), "%s", uri);
#else
    snprintf(site->uri, sizeof(site->uri), "sqlite:%s/operations.sqlite", site->folder);
#endif
}

void operations_site_start(struct operations_site *site, size_t i)
{
    struct error error = ERROR_NONE;
    if (operations_new(&site->options, &site->gateways[i], &error) != STATUS_OK) {
        fail(error.text);
    }
}

void operations_site_stop(struct operations_site *site, size_t i)
{
    operations_stop(site->gateways[i]);
    operations_free(site->gateways[i]);
    site->gateways[i] = NULL;
}

struct operations_site *operations_site_new(
    size_t n_gateways, void (*adjust)(struct operations_options *options))
{
    struct operations_site *site = calloc(1, sizeof(*site));
    if (site == NULL) {
        fail("no memory");
    }
    const char *parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(site->folder, sizeof(site->folder), "%s/walkie-operations-XXXXXX", parent);
    if (mkdtemp(site->folder) == NULL) {
        fail("no folder");
    }
    make_store(site);
    site->rpc = rpc_fixture_new("tcp://127.0.0.1:0", NULL);
    site->options = (struct operations_options){
        .uri = site->uri,
        .folder = site->folder,
        .keep_ns = CLOCK_SECONDS(3600),
        .bytes_max = 64 << 20,
        .channel = site->rpc->channel,
        .describe = describe,
    };
    if (adjust != NULL) {
        adjust(&site->options);
    }
    site->n_gateways = n_gateways;
    for (size_t i = 0; i < n_gateways; i++) {
        operations_site_start(site, i);
    }
    return site;
}

static bool ends_with(const char *name, const char *ending)
{
    size_t len = strlen(name);
    size_t ending_len = strlen(ending);
    return len >= ending_len && strcmp(name + len - ending_len, ending) == 0;
}

static unsigned int each_file(const struct operations_site *site, const char *ending, bool removes)
{
    unsigned int n = 0;
    DIR *folder = opendir(site->folder);
    for (const struct dirent *entry = folder == NULL ? NULL : readdir(folder); entry != NULL;
         entry = readdir(folder)) {
        if (entry->d_name[0] == '.' || !ends_with(entry->d_name, ending)) {
            continue;
        }
        n++;
        if (removes) {
            unlinkat(dirfd(folder), entry->d_name, 0);
        }
    }
    if (folder != NULL) {
        closedir(folder);
    }
    return n;
}

unsigned int operations_site_count(const struct operations_site *site, const char *ending)
{
    return each_file(site, ending, false);
}

bool operations_site_has_result(const struct operations_site *site, const char *id)
{
    char path[SITE_FOLDER_MAX + OPERATION_ID_MAX + 16];
    snprintf(path, sizeof(path), "%s/%s.result", site->folder, id);
    return access(path, F_OK) == 0;
}

/* Those that wait for late ends keep the operations until the channel is gone: so it goes first. */
void operations_site_free(struct operations_site *site)
{
    for (size_t i = 0; i < site->n_gateways; i++) {
        operations_stop(site->gateways[i]);
    }
    rpc_fixture_free(site->rpc);
    for (size_t i = 0; i < site->n_gateways; i++) {
        operations_free(site->gateways[i]);
    }
    (void)each_file(site, "", true);
    rmdir(site->folder);
    free(site);
}

/* --- waiting --------------------------------------------------------------------------------- */

static bool wait_for(pthread_mutex_t *mutex, pthread_cond_t *changed, const bool *is_so)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += TEST_WAIT_SECONDS;
    pthread_mutex_lock(mutex);
    while (!*is_so && pthread_cond_timedwait(changed, mutex, &until) == 0) {
    }
    bool result = *is_so;
    pthread_mutex_unlock(mutex);
    return result;
}

bool operation_wait_started(struct operation_view *view)
{
    return wait_for(&view->mutex, &view->changed, &view->is_started);
}

bool operation_wait_finished(struct operation_view *view)
{
    return wait_for(&view->mutex, &view->changed, &view->is_finished);
}

bool operation_is_finished(struct operation_view *view)
{
    pthread_mutex_lock(&view->mutex);
    bool is_finished = view->is_finished;
    pthread_mutex_unlock(&view->mutex);
    return is_finished;
}

bool answer_wait(struct answer_view *view)
{
    return wait_for(&view->mutex, &view->changed, &view->is_there);
}

/* --- an operation ---------------------------------------------------------------------------- */

static void on_started(void *arg, enum status status, const struct operation_record *record,
    bool is_new, const struct error *error)
{
    struct operation_view *view = arg;
    (void)error;
    pthread_mutex_lock(&view->mutex);
    view->is_started = true;
    view->is_new = is_new;
    view->status = status;
    if (record != NULL) {
        memcpy(view->id, record->id, sizeof(view->id));
    }
    if (record != NULL && !is_new) {
        view->record = *record;
    }
    pthread_cond_broadcast(&view->changed);
    pthread_mutex_unlock(&view->mutex);
}

static void on_progress(void *arg, const struct progress *progress, uint64_t remaining_ns)
{
    struct operation_view *view = arg;
    (void)progress;
    (void)remaining_ns;
    pthread_mutex_lock(&view->mutex);
    view->n_progress++;
    pthread_mutex_unlock(&view->mutex);
}

static void on_finished(void *arg, const struct operation_record *record, const struct rpc_end *end)
{
    struct operation_view *view = arg;
    (void)end;
    pthread_mutex_lock(&view->mutex);
    view->is_finished = true;
    view->n_finished++;
    memcpy(view->id, record->id, sizeof(view->id));
    view->record = *record;
    pthread_cond_broadcast(&view->changed);
    pthread_mutex_unlock(&view->mutex);
}

static bool read_head(struct bytes message, struct operation_file *ret_file)
{
    (void)message;
    *ret_file = (struct operation_file){
        .content_type = "application/pdf", .filename = "a.pdf", .filename_utf8 = "中.pdf"};
    return true;
}

enum status operation_begin(struct operations *operations, const struct operation_wish *wish,
    struct operation_view *view, struct error *ret_error)
{
    static const struct operation_events EVENTS = {
        .on_started = on_started, .on_progress = on_progress, .on_finished = on_finished};
    *view = (struct operation_view){.n_progress = 0};
    pthread_mutex_init(&view->mutex, NULL);
    pthread_cond_init(&view->changed, NULL);
    walkie__report__v1__work_request__init(&view->message);
    view->message.ms = wish->size;
    struct trace trace;
    trace_init(&trace);
    uint64_t timeout_ns = wish->timeout_ns == 0 ? CLOCK_SECONDS(20) : wish->timeout_ns;
    CTX_SCOPE(scope,
        ctx_with_timeout(wish->attached == NULL ? ctx_background() : wish->attached, timeout_ns));
    struct operation_start start = {
        .owner = wish->owner == NULL ? "ana" : wish->owner,
        .path = "/v1/centers/101/audit-report",
        .trace = &trace,
        .ctx = wish->attached == NULL ? scope->ctx : wish->attached,
        .is_attached = wish->attached != NULL,
        .method = wish->method,
        .message = &view->message.base,
        .read_head = read_head,
        .events = &EVENTS,
        .arg = view,
    };
    snprintf(start.key.key, sizeof(start.key.key), "%s", wish->key == NULL ? "" : wish->key);
    snprintf(start.key.request, sizeof(start.key.request), "%s %u", wish->method->name,
        (unsigned int)wish->size);
    return operation_start(operations, &start, ret_error);
}

void operation_begin_at(struct operations_site *site, size_t gateway,
    const struct operation_wish *wish, struct operation_view *view)
{
    struct error error = ERROR_NONE;
    if (operation_begin(site->gateways[gateway], wish, view, &error) != STATUS_OK) {
        fail(error.text);
    }
    if (wish->attached == NULL && !operation_wait_started(view)) {
        fail("the operation does not start");
    }
}

/* --- an answer ------------------------------------------------------------------------------- */

static void on_answer(void *arg, const struct question_answer *answer)
{
    struct answer_view *view = arg;
    pthread_mutex_lock(&view->mutex);
    view->is_there = true;
    view->was_over = answer->was_over;
    view->status = answer->status;
    view->n_records = answer->n_records;
    view->fd = answer->fd;
    if (answer->n_records > 0) {
        view->record = answer->records[0];
    }
    if (view->list != NULL && answer->n_records > 0) {
        memcpy(view->list, answer->records, answer->n_records * sizeof(*view->list));
    }
    pthread_cond_broadcast(&view->changed);
    pthread_mutex_unlock(&view->mutex);
}

void operation_ask_view(struct operations *operations, enum question_kind kind, const char *id,
    const char *owner, struct answer_view *view)
{
    struct operation_record *list = view->list;
    *view = (struct answer_view){.list = list, .fd = -1};
    pthread_mutex_init(&view->mutex, NULL);
    pthread_cond_init(&view->changed, NULL);
    struct question question = {
        .kind = kind, .owner = owner, .n_max = STORE_PAGE_MAX, .on_answer = on_answer, .arg = view};
    snprintf(question.id, sizeof(question.id), "%s", id);
    struct error error = ERROR_NONE;
    if (operations_ask(operations, &question, &error) != STATUS_OK) {
        fail(error.text);
    }
}

bool operation_ask_and_wait(struct operations *operations, enum question_kind kind, const char *id,
    const char *owner, struct answer_view *view)
{
    operation_ask_view(operations, kind, id, owner, view);
    return answer_wait(view);
}

bool operation_is_failed(void *wish)
{
    const struct failed_wish *wanted = wish;
    struct answer_view answer = {.list = NULL};
    return operation_ask_and_wait(wanted->operations, QUESTION_GET, wanted->id, "ana", &answer) &&
           answer.record.state == OPERATION_FAILED &&
           strstr(answer.record.problem, wanted->words) != NULL;
}
