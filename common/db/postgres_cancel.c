/* The helpers: threads that tell the server to stop, and make a connection clean again.
 *
 * PQcancel opens a connection of its own and waits for the server to close it; that is no work for
 * a request's thread, nor for the context's notifier. When it has returned, the signal has been
 * sent to the server's process. Only then are the results read and ROLLBACK sent: a connection that
 * has answered it is past the cancel, and may be given to somebody else.
 *
 * A server that stands still keeps its helpers waiting, one for each connection that it has of us;
 * the pool's other users then wait under their own contexts, and all goes on when it does. */
#include <assert.h>
#include <stdlib.h>

#include "db/postgres.h"

enum { CANCEL_MESSAGE_MAX = 256 };

static void *helper_main(void *arg);

void postgres_helpers_init(struct postgres_helpers *helpers)
{
    pthread_mutex_init(&helpers->mutex, NULL);
    pthread_cond_init(&helpers->changed, NULL);
}

void postgres_helpers_finish(struct postgres_helpers *helpers)
{
    pthread_mutex_lock(&helpers->mutex);
    assert(helpers->first == NULL);
    helpers->is_closing = true;
    pthread_cond_broadcast(&helpers->changed);
    pthread_mutex_unlock(&helpers->mutex);
    for (size_t i = 0; i < helpers->n_threads; i++) {
        pthread_join(helpers->threads[i], NULL);
    }
    pthread_cond_destroy(&helpers->changed);
    pthread_mutex_destroy(&helpers->mutex);
}

/* With the mutex held. False: no thread runs, and none can be started. */
static bool push_locked(struct postgres_helpers *helpers, struct db_connection *connection)
{
    if (helpers->n_queued >= helpers->n_idle && helpers->n_threads < LENGTH_OF(helpers->threads) &&
        pthread_create(&helpers->threads[helpers->n_threads], NULL, helper_main, helpers) == 0) {
        helpers->n_threads++;
    }
    if (helpers->n_threads == 0) {
        return false;
    }
    connection->next = NULL;
    if (helpers->last == NULL) {
        helpers->first = connection;
    } else {
        helpers->last->next = connection;
    }
    helpers->last = connection;
    helpers->n_queued++;
    pthread_cond_signal(&helpers->changed);
    return true;
}

static struct db_connection *pop_locked(struct postgres_helpers *helpers)
{
    struct db_connection *connection = helpers->first;
    helpers->first = connection->next;
    if (helpers->first == NULL) {
        helpers->last = NULL;
    }
    helpers->n_queued--;
    return connection;
}

void postgres_cancel(struct db_connection *connection)
{
    struct postgres_helpers *helpers = &connection->store->helpers;
    pthread_mutex_lock(&helpers->mutex);
    if (connection->cleaning == CLEANING_NOT && push_locked(helpers, connection)) {
        connection->cleaning = CLEANING_WAITS;
    }
    pthread_mutex_unlock(&helpers->mutex);
}

bool postgres_is_cancelled(struct db_connection *connection)
{
    struct postgres_helpers *helpers = &connection->store->helpers;
    pthread_mutex_lock(&helpers->mutex);
    bool is_cancelled = connection->cleaning != CLEANING_NOT;
    pthread_mutex_unlock(&helpers->mutex);
    return is_cancelled;
}

bool postgres_clean_later(struct db_connection *connection, db_cleaned_fn *on_cleaned, void *arg)
{
    struct postgres_helpers *helpers = &connection->store->helpers;
    pthread_mutex_lock(&helpers->mutex);
    bool is_with_helper = true;
    switch (connection->cleaning) {
    case CLEANING_NOT:
        is_with_helper = push_locked(helpers, connection);
        connection->cleaning = is_with_helper ? CLEANING_WAITS : CLEANING_NOT;
        break;
    case CLEANING_SENT:
        is_with_helper = push_locked(helpers, connection);
        connection->cleaning = is_with_helper ? CLEANING_ENDS : CLEANING_SENT;
        break;
    case CLEANING_WAITS:
    case CLEANING_CANCEL:
    case CLEANING_ENDS:
        break; /* the helper that has it, or will have it, sees that the session has ended */
    }
    if (is_with_helper) {
        connection->on_cleaned = on_cleaned;
        connection->on_cleaned_arg = arg;
    }
    pthread_mutex_unlock(&helpers->mutex);
    return is_with_helper;
}

/* Send the cancel, with the mutex released. Whether the session has ended meanwhile. */
static bool cancel_unlocked(struct postgres_helpers *helpers, struct db_connection *connection)
{
    char message[CANCEL_MESSAGE_MAX];
    connection->cleaning = CLEANING_CANCEL;
    pthread_mutex_unlock(&helpers->mutex);
    /* When it fails the server is not to be reached; draining then fails as well. */
    (void)PQcancel(connection->cancel, message, sizeof(message));
    pthread_mutex_lock(&helpers->mutex);
    bool has_ended = connection->on_cleaned != NULL;
    connection->cleaning = has_ended ? CLEANING_ENDS : CLEANING_SENT;
    return has_ended;
}

static void clean(struct db_connection *connection, db_cleaned_fn *on_cleaned, void *arg)
{
    CTX_SCOPE(limited, ctx_with_timeout(ctx_background(), CTX_MS(POSTGRES_CLEAN_MAX_MS)));
    connection->is_in_cleaning = true;
    bool is_clean = !connection->is_broken && postgres_drain(limited->ctx, connection) &&
                    postgres_roll_back(limited->ctx, connection);
    connection->is_in_cleaning = false;
    on_cleaned(arg, connection, is_clean);
}

static void *helper_main(void *arg)
{
    struct postgres_helpers *helpers = arg;
    pthread_mutex_lock(&helpers->mutex);
    for (;;) {
        while (helpers->first == NULL && !helpers->is_closing) {
            helpers->n_idle++;
            pthread_cond_wait(&helpers->changed, &helpers->mutex);
            helpers->n_idle--;
        }
        if (helpers->first == NULL) {
            break;
        }
        struct db_connection *connection = pop_locked(helpers);
        if (connection->cleaning == CLEANING_WAITS && !cancel_unlocked(helpers, connection)) {
            continue; /* its session still holds it */
        }
        db_cleaned_fn *on_cleaned = connection->on_cleaned;
        void *on_cleaned_arg = connection->on_cleaned_arg;
        connection->on_cleaned = NULL;
        connection->cleaning = CLEANING_NOT;
        pthread_mutex_unlock(&helpers->mutex);
        clean(connection, on_cleaned, on_cleaned_arg);
        pthread_mutex_lock(&helpers->mutex);
    }
    pthread_mutex_unlock(&helpers->mutex);
    return NULL;
}
