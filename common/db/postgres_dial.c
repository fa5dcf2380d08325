/* Connecting, on a thread of its own: libpq resolves names with getaddrinfo, which nobody can
 * interrupt. The caller waits as long as its context allows and leaves; the thread then ends when
 * the resolver lets it go, and throws away what it has. It touches nothing of the store. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "db/postgres.h"

struct dial {
    pthread_mutex_t mutex;
    const struct ctx *ctx; /* counted */
    char *uri;
    int done_fd;       /* readable when the thread is through */
    bool is_through;   /* guarded by the mutex, as all below */
    bool is_abandoned; /* the caller has left: the thread frees everything */
    PGconn *handle;    /* NULL: out of memory */
    enum status status;
};

static void dial_free(struct dial *dial)
{
    if (dial == NULL) {
        return;
    }
    if (dial->done_fd >= 0) {
        close(dial->done_fd);
    }
    PQfinish(dial->handle);
    ctx_unref(dial->ctx);
    pthread_mutex_destroy(&dial->mutex);
    free(dial->uri);
    free(dial);
}

static struct dial *dial_new(const struct ctx *ctx, const char *uri)
{
    struct dial *dial = calloc(1, sizeof(*dial));
    if (dial == NULL) {
        return NULL;
    }
    pthread_mutex_init(&dial->mutex, NULL);
    dial->ctx = ctx_ref(ctx);
    dial->uri = strdup(uri);
    dial->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (dial->uri == NULL || dial->done_fd < 0) {
        dial_free(dial);
        return NULL;
    }
    return dial;
}

static PGconn *start(const char *uri)
{
    /* What stands before the uri are our defaults, what stands after it is not the user's choice.
     * A dead machine is noticed within some ten seconds, also by the blocking PQcancel. */
    static const char *const NAMES[] = {"application_name", "keepalives_idle",
        "keepalives_interval", "keepalives_count", "tcp_user_timeout", "dbname", "client_encoding",
        NULL};
    const char *const values[] = {"walkie", "5", "2", "3", "10000", uri, "UTF8", NULL};
    return PQconnectStartParams(NAMES, values, 1);
}

/* Errors: the context's; UNAVAILABLE (the reason is with the handle). */
static enum status connect_handle(const struct ctx *ctx, PGconn *handle)
{
    if (handle == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    if (PQstatus(handle) == CONNECTION_BAD) {
        return STATUS_UNAVAILABLE;
    }
    PostgresPollingStatusType wanted = PGRES_POLLING_WRITING;
    while (wanted != PGRES_POLLING_OK) {
        short events = wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT;
        enum status status = postgres_wait(ctx, PQsocket(handle), events);
        if (status != STATUS_OK) {
            return status;
        }
        wanted = PQconnectPoll(handle);
        if (wanted == PGRES_POLLING_FAILED) {
            return STATUS_UNAVAILABLE;
        }
    }
    return PQsetnonblocking(handle, 1) == 0 ? STATUS_OK : STATUS_UNAVAILABLE;
}

static void *dial_main(void *arg)
{
    struct dial *dial = arg;
    PGconn *handle = start(dial->uri);
    enum status status = connect_handle(dial->ctx, handle);
    pthread_mutex_lock(&dial->mutex);
    dial->handle = handle;
    dial->status = status;
    dial->is_through = true;
    bool is_abandoned = dial->is_abandoned;
    if (!is_abandoned) {
        (void)eventfd_write(dial->done_fd, 1);
    }
    pthread_mutex_unlock(&dial->mutex);
    if (is_abandoned) {
        dial_free(dial);
    }
    return NULL;
}

static bool start_thread(struct dial *dial)
{
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    bool has_started = pthread_create(&thread, &attributes, dial_main, dial) == 0;
    pthread_attr_destroy(&attributes);
    return has_started;
}

/* Whether the thread was through; if not, it owns the dial now. */
static bool leave(struct dial *dial)
{
    pthread_mutex_lock(&dial->mutex);
    bool is_through = dial->is_through;
    dial->is_abandoned = !is_through;
    pthread_mutex_unlock(&dial->mutex);
    return is_through;
}

static enum status fail(const struct ctx *ctx, const struct db_store *store, enum status status,
    PGconn *handle, struct error *ret_error)
{
    if (ctx_err(ctx) != STATUS_OK) {
        return error_set(ret_error, ctx_err(ctx), "%s: stopped while connecting to %s (%s)",
            store->name, store->place, ctx_cause_word(ctx_cause(ctx)));
    }
    if (status == STATUS_RESOURCE_EXHAUSTED) {
        return error_set(ret_error, status, "%s: out of memory", store->name);
    }
    if (status != STATUS_UNAVAILABLE || handle == NULL) {
        return error_set(ret_error, STATUS_UNAVAILABLE, "%s: %s does not answer within %llu ms",
            store->name, store->place, (unsigned long long)(store->connect_max_ns / CLOCK_MS(1)));
    }
    char line[ERROR_TEXT_MAX / 2];
    postgres_one_line(PQerrorMessage(handle), line, sizeof(line));
    return error_set(ret_error, STATUS_UNAVAILABLE, "%s: cannot connect to %s: %s", store->name,
        store->place, line);
}

enum status postgres_dial(const struct ctx *ctx, const struct db_store *store, PGconn **ret_handle,
    struct error *ret_error)
{
    CTX_SCOPE(limited, ctx_with_timeout(ctx, store->connect_max_ns));
    struct dial *dial = dial_new(limited->ctx, store->uri);
    if (dial == NULL || !start_thread(dial)) {
        dial_free(dial);
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED,
            "%s: no memory, descriptor or thread for a connection", store->name);
    }
    enum status status = postgres_wait(limited->ctx, dial->done_fd, POLLIN);
    if (!leave(dial)) {
        return fail(ctx, store, status, NULL, ret_error);
    }
    status = dial->status;
    if (status == STATUS_OK) {
        *ret_handle = STEAL(dial->handle);
    } else {
        status = fail(ctx, store, status, dial->handle, ret_error);
    }
    dial_free(dial);
    return status;
}
