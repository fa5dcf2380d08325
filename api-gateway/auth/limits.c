#include "auth/limits.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "crypto/random.h"

enum { IPV6_NET_LEN = 8 /* bytes of a /64 */ };

struct slot {
    uint64_t client; /* 0: free */
    uint64_t due_ns; /* when the bucket is full again (GCRA's theoretical arrival time) */
    uint32_t n_in_flight;
};

struct set {
    pthread_mutex_t mutex; /* guards the slots */
    struct slot slots[LIMITS_WAYS];
};

struct limits {
    uint64_t seed;         /* nobody outside can tell which clients share a set */
    uint64_t interval_ns;  /* between requests in the long run; 0: no rate */
    uint64_t tolerance_ns; /* how far ahead of that a burst may be */
    uint32_t in_flight_max;
    struct set sets[LIMITS_SETS];
};

struct limits *limits_new(const struct limits_options *options)
{
    struct limits *limits = calloc(1, sizeof(*limits));
    if (limits == NULL || !crypto_random(&limits->seed, sizeof(limits->seed))) {
        free(limits);
        return NULL;
    }
    if (options->rate > 0) {
        uint32_t burst = options->burst > 0 ? options->burst : options->rate;
        limits->interval_ns = CLOCK_SECONDS(1) / options->rate;
        limits->tolerance_ns = limits->interval_ns * (burst - 1);
    }
    limits->in_flight_max = options->in_flight_max;
    for (size_t i = 0; i < LIMITS_SETS; i++) {
        pthread_mutex_init(&limits->sets[i].mutex, NULL);
    }
    return limits;
}

void limits_free(struct limits *limits)
{
    if (limits != NULL) {
        for (size_t i = 0; i < LIMITS_SETS; i++) {
            pthread_mutex_destroy(&limits->sets[i].mutex);
        }
        free(limits);
    }
}

/* --- clients -------------------------------------------------------------------------------- */

/* Two names of one number would share a limit, no more: a seed that is not known is enough. */
static uint64_t mix(uint64_t hash)
{
    hash ^= hash >> 32;
    hash *= UINT64_C(0xd6e8feb86659fd93);
    hash ^= hash >> 32;
    hash *= UINT64_C(0xd6e8feb86659fd93);
    return hash ^ hash >> 32;
}

uint64_t limits_client(const struct limits *limits, char kind, struct bytes name)
{
    uint64_t hash = mix(limits->seed ^ (uint64_t)(unsigned char)kind << 56 ^ name.len);
    for (size_t at = 0; at < name.len; at += sizeof(uint64_t)) {
        uint64_t word = 0;
        size_t left = name.len - at;
        memcpy(&word, name.data + at, left < sizeof(word) ? left : sizeof(word));
        hash = mix(hash ^ word);
    }
    return hash == 0 ? 1 : hash;
}

uint64_t limits_address(const struct limits *limits, const char *address)
{
    size_t len = strlen(address);
    char text[INET6_ADDRSTRLEN];
    struct in6_addr binary;
    if (*address != '[' || len < 2 || len - 2 >= sizeof(text)) {
        return limits_client(limits, 'a', bytes_of(address));
    }
    memcpy(text, address + 1, len - 2);
    text[len - 2] = '\0';
    if (inet_pton(AF_INET6, text, &binary) != 1) {
        return limits_client(limits, 'a', bytes_of(address));
    }
    bool is_ipv4 = IN6_IS_ADDR_V4MAPPED(&binary);
    return limits_client(
        limits, '6', (struct bytes){binary.s6_addr, is_ipv4 ? sizeof(binary) : IPV6_NET_LEN});
}

/* --- the table ------------------------------------------------------------------------------ */

static struct set *set_of(struct limits *limits, uint64_t client)
{
    return &limits->sets[client % LIMITS_SETS];
}

static struct slot *find(struct set *set, uint64_t client)
{
    for (size_t i = 0; i < LIMITS_WAYS; i++) {
        if (set->slots[i].client == client) {
            return &set->slots[i];
        }
    }
    return NULL;
}

/* The client's slot, or one that it gets; NULL: all are busy. */
static struct slot *take(struct set *set, uint64_t client)
{
    struct slot *slot = find(set, client);
    if (slot != NULL) {
        return slot;
    }
    for (size_t i = 0; i < LIMITS_WAYS; i++) {
        struct slot *other = &set->slots[i];
        bool is_older = slot == NULL || other->due_ns < slot->due_ns;
        if (other->n_in_flight == 0 && is_older) {
            slot = other; /* a free one has never been due */
        }
    }
    if (slot != NULL) {
        *slot = (struct slot){.client = client};
    }
    return slot;
}

static uint64_t later(uint64_t one, uint64_t other)
{
    return one > other ? one : other;
}

static enum limits_verdict ask(
    const struct limits *limits, struct slot *slot, uint64_t now_ns, uint64_t *ret_retry_after_ns)
{
    uint64_t due_ns = later(slot->due_ns, now_ns);
    if (limits->interval_ns > 0 && due_ns - now_ns > limits->tolerance_ns) {
        *ret_retry_after_ns = due_ns - now_ns - limits->tolerance_ns;
        return LIMITS_TOO_FAST;
    }
    if (limits->in_flight_max > 0 && slot->n_in_flight >= limits->in_flight_max) {
        return LIMITS_TOO_MANY;
    }
    slot->due_ns = due_ns + limits->interval_ns;
    slot->n_in_flight++;
    return LIMITS_GO_ON;
}

enum limits_verdict limits_enter(struct limits *limits, uint64_t client, uint64_t now_ns,
    struct limits_ticket *ret_ticket, uint64_t *ret_retry_after_ns)
{
    struct set *set = set_of(limits, client);
    ret_ticket->client = 0;
    *ret_retry_after_ns = 0;
    pthread_mutex_lock(&set->mutex);
    struct slot *slot = take(set, client);
    enum limits_verdict verdict =
        slot == NULL ? LIMITS_TOO_MANY : ask(limits, slot, now_ns, ret_retry_after_ns);
    pthread_mutex_unlock(&set->mutex);
    if (verdict == LIMITS_GO_ON) {
        ret_ticket->client = client;
    }
    return verdict;
}

void limits_leave(struct limits *limits, struct limits_ticket *ticket)
{
    if (ticket->client == 0) {
        return;
    }
    struct set *set = set_of(limits, ticket->client);
    pthread_mutex_lock(&set->mutex);
    struct slot *slot = find(set, ticket->client); /* a busy one makes room for nobody */
    if (slot != NULL && slot->n_in_flight > 0) {
        slot->n_in_flight--;
    }
    pthread_mutex_unlock(&set->mutex);
    ticket->client = 0;
}

bool limits_is_exhausted(struct limits *limits, uint64_t client, uint64_t now_ns)
{
    struct set *set = set_of(limits, client);
    pthread_mutex_lock(&set->mutex);
    const struct slot *slot = find(set, client);
    bool is_exhausted =
        slot != NULL && slot->due_ns > now_ns && slot->due_ns - now_ns > limits->tolerance_ns;
    pthread_mutex_unlock(&set->mutex);
    return is_exhausted && limits->interval_ns > 0;
}

void limits_charge(struct limits *limits, uint64_t client, uint64_t now_ns)
{
    struct set *set = set_of(limits, client);
    pthread_mutex_lock(&set->mutex);
    struct slot *slot = take(set, client);
    if (slot != NULL) {
        slot->due_ns = later(slot->due_ns, now_ns) + limits->interval_ns;
        uint64_t latest_ns = now_ns + limits->tolerance_ns + limits->interval_ns;
        slot->due_ns = slot->due_ns < latest_ns ? slot->due_ns : latest_ns;
    }
    pthread_mutex_unlock(&set->mutex);
}
