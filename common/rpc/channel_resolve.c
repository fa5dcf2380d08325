/* Names of backends: looked up on a thread of its own, since that may take seconds and nobody can
 * cancel it. Each address found is a link; what a later look finds no more is drained, what it
 * finds new is added. A name is looked up at first, until that succeeds, and whenever one of its
 * links is lost or cannot be dialled, but not more often than every RPC_RESOLVE_EVERY_MS.
 *
 * The thread may still be inside a look-up when the channel is freed: what it needs then is its
 * own, counted. Lock order: resolver -> channel. */
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "obs/log.h"
#include "rpc/channel_internal.h"
#include "rpc/condition.h"

enum { LITERAL_MAX = 64 }; /* bytes of an IP address as text, with its scope and the NUL */

struct wanted_name {
    struct rpc_address backend;
    bool is_wanted;
    uint64_t due_ns; /* not before */
    bool was_found;
    const char *fault; /* why it was not found the last time; NULL: it was, or was not looked up */
};

struct channel_resolver {
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t changed;
    unsigned int n_holders;      /* the channel and the thread */
    struct rpc_channel *channel; /* NULL: freed */
    struct wanted_name names[RPC_BACKENDS_MAX];
    size_t n_names;
};

struct literals {
    char texts[RPC_LINKS_MAX][LITERAL_MAX];
    bool is_there[RPC_LINKS_MAX]; /* it has a link already */
    size_t n_literals;
};

/* Gives back the lock. */
static void drop_locked(struct channel_resolver *resolver)
{
    bool is_last = --resolver->n_holders == 0;
    pthread_mutex_unlock(&resolver->mutex);
    if (is_last) {
        pthread_mutex_destroy(&resolver->mutex);
        pthread_cond_destroy(&resolver->changed);
        free(resolver);
    }
}

/* NULL when it went well, else why not; static storage. */
static const char *look_up(const struct rpc_address *backend, struct literals *ret_literals)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    int result = getaddrinfo(backend->host, NULL, &hints, &found);
    if (result != 0) {
        return gai_strerror(result);
    }
    size_t n = 0;
    for (const struct addrinfo *at = found; at != NULL && n < RPC_LINKS_MAX; at = at->ai_next) {
        char *text = ret_literals->texts[n];
        n += getnameinfo(at->ai_addr, at->ai_addrlen, text, LITERAL_MAX, NULL, 0, NI_NUMERICHOST) ==
             0;
    }
    freeaddrinfo(found);
    ret_literals->n_literals = n;
    return n == 0 ? "the name has no address" : NULL;
}

/* Keep the links whose address was found again, have the others leave. */
static void match_links(
    struct rpc_channel *channel, const struct rpc_address *backend, struct literals *literals)
{
    pthread_mutex_lock(&channel->mutex);
    for (size_t i = 0; i < channel->n_links; i++) {
        struct channel_link *link = channel->links[i];
        if (link->is_leaving || strcmp(link->backend.url, backend->url) != 0) {
            continue;
        }
        bool is_found = false;
        for (size_t j = 0; j < literals->n_literals; j++) {
            bool is_it = strcmp(link->address.host, literals->texts[j]) == 0;
            is_found = is_found || is_it;
            literals->is_there[j] = literals->is_there[j] || is_it;
        }
        if (!is_found) {
            link->is_leaving = true;
            channel_update_link_locked(link);
        }
    }
    pthread_cond_broadcast(&channel->changed);
    pthread_mutex_unlock(&channel->mutex);
}

static struct channel_link *take_link_that_left(struct rpc_channel *channel)
{
    struct channel_link *left = NULL;
    pthread_mutex_lock(&channel->mutex);
    for (size_t i = 0; i < channel->n_links && left == NULL; i++) {
        if (channel->links[i]->is_over) {
            left = channel->links[i];
            channel->links[i] = channel->links[--channel->n_links];
        }
    }
    pthread_mutex_unlock(&channel->mutex);
    return left;
}

static void use_addresses(
    struct rpc_channel *channel, const struct rpc_address *backend, struct literals *literals)
{
    match_links(channel, backend, literals);
    struct channel_link *left;
    while ((left = take_link_that_left(channel)) != NULL) {
        pthread_join(left->thread, NULL); /* it has nothing more to do */
        channel_link_free(left);
    }
    size_t n_new = 0;
    for (size_t i = 0; i < literals->n_literals; i++) {
        struct error error = ERROR_NONE;
        if (!literals->is_there[i] &&
            channel_link_add(channel, backend, literals->texts[i], &error) != STATUS_OK) {
            LOG_WARN("rpc.resolve_failed", NULL, log_str("backend", backend->url),
                log_str("reason", error.text));
        }
        n_new += !literals->is_there[i];
    }
    if (n_new > 0) {
        LOG_INFO("rpc.resolved", NULL, log_str("backend", backend->url),
            log_u64("n_addresses", literals->n_literals), log_u64("n_new", n_new));
    }
}

static void look_up_locked(struct channel_resolver *resolver, struct wanted_name *name)
{
    bool is_again = name->due_ns != 0;
    name->is_wanted = false;
    name->due_ns = clock_now_ns() + CLOCK_MS(RPC_RESOLVE_EVERY_MS);
    pthread_mutex_unlock(&resolver->mutex);
    struct literals literals = {.n_literals = 0};
    const char *fault = look_up(&name->backend, &literals);
    pthread_mutex_lock(&resolver->mutex);
    if (resolver->channel == NULL) {
        return;
    }
    name->fault = fault;
    name->was_found = name->was_found || fault == NULL;
    if (fault == NULL) {
        use_addresses(resolver->channel, &name->backend, &literals);
        return;
    }
    LOG_AT(is_again ? LOG_LEVEL_DEBUG : LOG_LEVEL_WARN, "rpc.resolve_failed", NULL,
        log_str("backend", name->backend.url), log_str("reason", fault));
    name->is_wanted = true;
}

/* The name that is to be looked up next; NULL: none. */
static struct wanted_name *next_name(struct channel_resolver *resolver)
{
    struct wanted_name *next = NULL;
    for (size_t i = 0; i < resolver->n_names; i++) {
        struct wanted_name *name = &resolver->names[i];
        if (name->is_wanted && (next == NULL || name->due_ns < next->due_ns)) {
            next = name;
        }
    }
    return next;
}

static void *resolver_main(void *arg)
{
    struct channel_resolver *resolver = arg;
    pthread_mutex_lock(&resolver->mutex);
    while (resolver->channel != NULL) {
        struct wanted_name *name = next_name(resolver);
        if (name != NULL && name->due_ns <= clock_now_ns()) {
            look_up_locked(resolver, name);
        } else {
            (void)condition_wait_until(
                &resolver->changed, &resolver->mutex, name == NULL ? CLOCK_NEVER : name->due_ns);
        }
    }
    drop_locked(resolver);
    return NULL;
}

enum status channel_resolver_start(struct rpc_channel *channel, const struct rpc_address *backends,
    size_t n_backends, struct error *ret_error)
{
    struct channel_resolver *resolver = calloc(1, sizeof(*resolver));
    if (resolver == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    pthread_mutex_init(&resolver->mutex, NULL);
    condition_init(&resolver->changed);
    resolver->channel = channel;
    resolver->n_holders = 2;
    for (size_t i = 0; i < n_backends; i++) {
        if (backend_is_name(&backends[i])) {
            resolver->names[resolver->n_names++] =
                (struct wanted_name){.backend = backends[i], .is_wanted = true};
        }
    }
    pthread_t thread;
    channel->resolver = resolver;
    if (pthread_create(&thread, NULL, resolver_main, resolver) != 0) {
        resolver->n_holders = 1;
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "no thread to look names up with");
    }
    pthread_detach(thread); /* nobody waits for a look-up that hangs */
    return STATUS_OK;
}

void channel_resolver_stop(struct channel_resolver *resolver)
{
    if (resolver == NULL) {
        return;
    }
    pthread_mutex_lock(&resolver->mutex);
    resolver->channel = NULL;
    pthread_cond_signal(&resolver->changed);
    pthread_mutex_unlock(&resolver->mutex);
}

void channel_resolver_unref(struct channel_resolver *resolver)
{
    if (resolver != NULL) {
        pthread_mutex_lock(&resolver->mutex);
        drop_locked(resolver);
    }
}

void channel_resolve_again(struct channel_link *link)
{
    struct channel_resolver *resolver = link->channel->resolver;
    if (resolver == NULL) {
        return;
    }
    pthread_mutex_lock(&resolver->mutex);
    for (size_t i = 0; i < resolver->n_names; i++) {
        struct wanted_name *name = &resolver->names[i];
        if (strcmp(name->backend.url, link->backend.url) == 0) {
            name->is_wanted = true;
            pthread_cond_signal(&resolver->changed);
        }
    }
    pthread_mutex_unlock(&resolver->mutex);
}

void channel_resolver_each_unfound(struct channel_resolver *resolver,
    void (*visit)(void *arg, const struct rpc_link_info *info), void *arg)
{
    if (resolver == NULL) {
        return;
    }
    pthread_mutex_lock(&resolver->mutex);
    for (size_t i = 0; i < resolver->n_names; i++) {
        const struct wanted_name *name = &resolver->names[i];
        struct rpc_link_info info = {.backend = name->backend.url,
            .address = "",
            .state = "resolving",
            .last_error = name->fault == NULL ? "" : name->fault};
        if (!name->was_found) {
            visit(arg, &info);
        }
    }
    pthread_mutex_unlock(&resolver->mutex);
}
