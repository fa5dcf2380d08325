/* The requests that wait for a call, for GET /v1/calls.
 *
 *     live_add(&gateway->live, request);          when its call starts
 *     live_remove(request);                       before it is freed
 *     live_each(&gateway->live, visit, arg);
 *
 * Several short lists with a lock each, so that loops seldom meet. Threads: any. Not here: what of
 * a request is shown (calls.c). */
#ifndef WALKIE_GATEWAY_LIVE_H
#define WALKIE_GATEWAY_LIVE_H

#include <pthread.h>
#include <stdbool.h>

enum { LIVE_LISTS = 16 }; /* a power of two */

struct live_list;

/* In each request. All zeros: it is in no list. */
struct live_entry {
    struct live_list *list;
    struct live_entry *next;
    struct live_entry *previous; /* NULL: it is the first */
};

struct live_list {
    _Alignas(64) pthread_mutex_t mutex;
    struct live_entry *first;
};

struct live {
    struct live_list lists[LIVE_LISTS];
};

void live_init(struct live *live);
void live_finish(struct live *live); /* nothing may be in it */

void live_add(struct live *live, struct live_entry *entry);
void live_remove(struct live_entry *entry); /* one that was never added is fine */

/* Look at each, the newest of a list first. `visit` runs under a lock that keeps the entry there:
 * it must be quick. False ends it. */
void live_each(struct live *live, bool (*visit)(void *arg, struct live_entry *entry), void *arg);

#endif
