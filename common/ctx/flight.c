/* The happy path: a caller finds no flight under its key, its candidate takes off and it leads;
 * others join; the computation ends and lands the flight, which takes it out of the table and tells
 * all of them.
 *
 * What can come in between is decided under the table's mutex, where a member's leaving and the
 * landing meet: the one that comes first tells the member. A flight goes out of the table as soon
 * as nobody should join it any more: when it lands, when its last member leaves, or when a joiner
 * finds that its context is done. */
#include "ctx/flight.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "ctx/node.h"

enum { N_BUCKETS = 256 };

struct ctx_flights {
    unsigned int flights_max;

    pthread_mutex_t mutex;  /* guards what follows, and the flights and members of this table */
    unsigned int n_flights; /* that took off and have not landed, in the table or not */
    struct ctx_flight *buckets[N_BUCKETS];
};

struct ctx_flights *ctx_flights_new(unsigned int flights_max)
{
    struct ctx_flights *flights = calloc(1, sizeof(*flights));
    if (flights != NULL) {
        flights->flights_max = flights_max == 0 ? CTX_FLIGHTS_MAX : flights_max;
        pthread_mutex_init(&flights->mutex, NULL);
    }
    return flights;
}

void ctx_flights_free(struct ctx_flights *flights)
{
    if (flights != NULL) {
        assert(flights->n_flights == 0);
        pthread_mutex_destroy(&flights->mutex);
        free(flights);
    }
}

/* --- one flight ----------------------------------------------------------------------------- */

/* FNV-1a. It spreads and names keys; equality is decided on the whole key. */
static uint64_t hash_of(struct bytes key)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < key.len; i++) {
        hash = (hash ^ key.data[i]) * UINT64_C(0x100000001b3);
    }
    return hash;
}

enum status ctx_flight_init(
    struct ctx_flight *flight, struct bytes key, void (*free)(struct ctx_flight *flight))
{
    uint8_t *copy = key.len > CTX_FLIGHT_KEY_MAX ? NULL : malloc(key.len + 1);
    if (copy == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    memset(flight, 0, sizeof(*flight));
    if (key.len > 0) {
        memcpy(copy, key.data, key.len);
    }
    flight->key = (struct bytes){copy, key.len};
    flight->hash = hash_of(key);
    flight->free = free;
    atomic_init(&flight->references, 1);
    return STATUS_OK;
}

void ctx_flight_finish(struct ctx_flight *flight)
{
    assert(flight->flights == NULL || flight->has_landed);
    free((void *)flight->key.data);
}

struct ctx_flight *ctx_flight_ref(struct ctx_flight *flight)
{
    atomic_fetch_add_explicit(&flight->references, 1, memory_order_relaxed);
    return flight;
}

void ctx_flight_unref(struct ctx_flight *flight)
{
    if (flight != NULL &&
        atomic_fetch_sub_explicit(&flight->references, 1, memory_order_acq_rel) == 1) {
        flight->free(flight);
    }
}

/* --- its deadline --------------------------------------------------------------------------- */

static struct ctx_flight_deadline deadline_of(const struct ctx *ctx)
{
    /* A deadline that moves may move later, and nobody would tell us: such a member counts as one
     * without. The flight then ends when the member leaves. */
    if (node_of(ctx)->moving != NULL) {
        return (struct ctx_flight_deadline){.at_ns = CLOCK_NEVER, .origin = CTX_ORIGIN_NONE};
    }
    return (struct ctx_flight_deadline){.at_ns = ctx_deadline_ns(ctx),
        .origin = ctx_deadline_origin(ctx),
        .source = ctx_deadline_source(ctx)};
}

/* False when the flight is done already. */
static bool move_deadline_locked(
    struct ctx_flight *flight, const struct ctx_flight_deadline *deadline)
{
    flight->deadline_ns = deadline->at_ns;
    return ctx_move_deadline_from_peer(
        flight->scope, deadline->origin, deadline->source, deadline->at_ns);
}

/* A member with the deadline in force has left: the latest of the others' counts. */
static void shorten_deadline_locked(struct ctx_flight *flight)
{
    const struct ctx_flight_member *latest = flight->members;
    assert(latest != NULL);
    for (const struct ctx_flight_member *member = latest; member != NULL; member = member->next) {
        if (member->deadline.at_ns == flight->deadline_ns) {
            return;
        }
        latest = member->deadline.at_ns > latest->deadline.at_ns ? member : latest;
    }
    (void)move_deadline_locked(flight, &latest->deadline);
}

/* --- the table ------------------------------------------------------------------------------ */

static struct ctx_flight **bucket_of(struct ctx_flights *flights, uint64_t hash)
{
    /* The table's address is unknown to peers: it keeps them from choosing keys that collide. */
    uint64_t mixed = (hash ^ (uintptr_t)flights) * UINT64_C(0x9e3779b97f4a7c15);
    return &flights->buckets[mixed >> 56];
}

_Static_assert(N_BUCKETS == 1 << (64 - 56), "bucket_of takes the top eight bits");

static void forget_locked(struct ctx_flight *flight)
{
    if (!flight->is_in_table) {
        return;
    }
    struct ctx_flight **at = bucket_of(flight->flights, flight->hash);
    while (*at != flight) {
        at = &(*at)->next_in_bucket;
    }
    *at = flight->next_in_bucket;
    flight->is_in_table = false;
}

static bool has_key_of(const struct ctx_flight *flight, const struct ctx_flight *other)
{
    return flight->hash == other->hash && flight->key.len == other->key.len &&
           memcmp(flight->key.data, other->key.data, other->key.len) == 0;
}

static struct ctx_flight *find_locked(
    struct ctx_flights *flights, const struct ctx_flight *candidate)
{
    struct ctx_flight *flight = *bucket_of(flights, candidate->hash);
    while (flight != NULL && !has_key_of(flight, candidate)) {
        flight = flight->next_in_bucket;
    }
    return flight;
}

/* Whether a member with this deadline can still join. */
static bool extend_locked(struct ctx_flight *flight, const struct ctx_flight_deadline *deadline)
{
    bool is_later = deadline->at_ns > flight->deadline_ns;
    if (is_later ? move_deadline_locked(flight, deadline) : ctx_err(flight->ctx) == STATUS_OK) {
        return true;
    }
    forget_locked(flight);
    return false;
}

/* A context that has the values' and its own deadline. False: out of memory. */
static bool make_context_locked(
    struct ctx_flight *flight, const struct ctx *values, const struct ctx_flight_deadline *deadline)
{
    flight->values_scope = ctx_without_cancel(values == NULL ? ctx_background() : values);
    flight->scope =
        ctx_with_moving_deadline(flight->values_scope->ctx, CTX_ORIGIN_NONE, CLOCK_NEVER);
    flight->ctx = flight->scope->ctx;
    if (ctx_done(flight->ctx)) { /* nothing else can have ended it */
        ctx_scope_end(flight->scope);
        ctx_scope_end(flight->values_scope);
        return false;
    }
    (void)move_deadline_locked(flight, deadline);
    return true;
}

static enum status take_off_locked(struct ctx_flights *flights, struct ctx_flight *flight,
    const struct ctx *values, const struct ctx_flight_deadline *deadline)
{
    if (flights->n_flights >= flights->flights_max ||
        !make_context_locked(flight, values, deadline)) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    flight->flights = flights;
    struct ctx_flight **bucket = bucket_of(flights, flight->hash);
    flight->next_in_bucket = *bucket;
    *bucket = flight;
    flight->is_in_table = true;
    flights->n_flights++;
    ctx_flight_ref(flight); /* until it has landed */
    return STATUS_OK;
}

/* --- members -------------------------------------------------------------------------------- */

static void attach_locked(struct ctx_flight *flight, struct ctx_flight_member *member)
{
    member->flight = ctx_flight_ref(flight);
    member->next = flight->members;
    member->link = &flight->members;
    if (member->next != NULL) {
        member->next->link = &member->next;
    }
    flight->members = member;
    flight->n_members++;
    flight->n_joined++;
}

static void detach_locked(struct ctx_flight *flight, struct ctx_flight_member *member)
{
    *member->link = member->next;
    if (member->next != NULL) {
        member->next->link = member->link;
    }
    flight->n_members--;
}

/* The member's context is done. May run before the join is over. */
static void member_is_done(void *arg)
{
    struct ctx_flight_member *member = arg;
    struct ctx_flights *flights = member->flights;
    pthread_mutex_lock(&flights->mutex);
    struct ctx_flight *flight = member->flight;
    if (member->link == NULL || flight->has_landed) {
        pthread_mutex_unlock(&flights->mutex);
        return;
    }
    detach_locked(flight, member);
    struct ctx_flight_end end = {.flight = flight,
        .cause = ctx_cause(member->ctx),
        .n_joined = flight->n_joined,
        .n_left = flight->n_members};
    if (flight->n_members == 0) {
        forget_locked(flight);
        ctx_cancel_from_peer(flight->scope, end.cause, ctx_cause_source(member->ctx));
    } else if (member->deadline.at_ns == flight->deadline_ns) {
        shorten_deadline_locked(flight);
    }
    pthread_mutex_unlock(&flights->mutex);
    ctx_stop(member->after);
    member->on_end(member->arg, &end);
    ctx_flight_unref(flight);
}

enum status ctx_flight_join(const struct ctx *ctx, struct ctx_flights *flights,
    struct ctx_flight *candidate, const struct ctx *values, struct ctx_flight_member *member,
    struct ctx_flight_ticket *ret_ticket)
{
    assert(candidate->flights == NULL);
    enum status status = STATUS_OK;
    member->flights = flights;
    member->ctx = ctx;
    member->deadline = deadline_of(ctx);
    pthread_mutex_lock(&flights->mutex);
    /* Under the mutex, so that it cannot find the member half attached. */
    struct ctx_after *after = ctx_after_func(ctx, member_is_done, member);
    struct ctx_flight *flight = find_locked(flights, candidate);
    bool is_leader = false;
    if (after == NULL || (flight != NULL && flight->n_members >= CTX_FLIGHT_MEMBERS_MAX)) {
        status = STATUS_RESOURCE_EXHAUSTED;
    } else if (flight == NULL || !extend_locked(flight, &member->deadline)) {
        flight = candidate;
        is_leader = true;
        status = take_off_locked(flights, candidate, values, &member->deadline);
    }
    if (status != STATUS_OK) {
        pthread_mutex_unlock(&flights->mutex);
        ctx_stop_wait(after);
        return status;
    }
    member->after = after;
    attach_locked(flight, member);
    struct ctx_flight_ticket ticket = {
        .flight = flight, .is_leader = is_leader, .n_joined = flight->n_joined};
    if (!is_leader) {
        ctx_flight_ref(flight);
    }
    pthread_mutex_unlock(&flights->mutex);
    if (!is_leader) {
        ctx_flight_unref(candidate);
    }
    *ret_ticket = ticket;
    return STATUS_OK;
}

void ctx_flight_land(struct ctx_flight *flight)
{
    struct ctx_flights *flights = flight->flights;
    pthread_mutex_lock(&flights->mutex);
    assert(!flight->has_landed);
    forget_locked(flight);
    flight->has_landed = true; /* from here on nobody leaves */
    flights->n_flights--;
    pthread_mutex_unlock(&flights->mutex);

    struct ctx_flight_end end = {
        .flight = flight, .has_landed = true, .n_joined = flight->n_joined};
    struct ctx_flight_member *next;
    for (struct ctx_flight_member *member = flight->members; member != NULL; member = next) {
        next = member->next;
        /* Waits for one that is just finding out that it comes too late. */
        ctx_stop_wait(member->after);
        member->on_end(member->arg, &end);
        ctx_flight_unref(flight);
    }
    ctx_scope_end(flight->scope);
    ctx_scope_end(flight->values_scope);
    ctx_flight_unref(flight);
}

void ctx_flight_each_member(struct ctx_flight *flight,
    void (*visit)(void *arg, struct ctx_flight_member *member), void *arg)
{
    pthread_mutex_lock(&flight->flights->mutex);
    struct ctx_flight_member *member = flight->has_landed ? NULL : flight->members;
    for (; member != NULL; member = member->next) {
        visit(arg, member);
    }
    pthread_mutex_unlock(&flight->flights->mutex);
}
