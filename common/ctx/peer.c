#include "ctx/peer.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

static struct {
    pthread_mutex_t lock; /* for adding; what is below n_names never changes */
    _Atomic uint8_t n_names;
    char names[CTX_PEERS_MAX][CTX_PEER_NAME_MAX];
} peers = {.lock = PTHREAD_MUTEX_INITIALIZER};

uint8_t ctx_peer_number(const char *name)
{
    char wanted[CTX_PEER_NAME_MAX];
    snprintf(wanted, sizeof(wanted), "%s", name);
    pthread_mutex_lock(&peers.lock);
    uint8_t n_names = atomic_load_explicit(&peers.n_names, memory_order_relaxed);
    uint8_t at = 0;
    while (at < n_names && strcmp(peers.names[at], wanted) != 0) {
        at++;
    }
    uint8_t number = 0;
    if (at < n_names) {
        number = (uint8_t)(at + 1);
    } else if (n_names < CTX_PEERS_MAX && wanted[0] != '\0') {
        memcpy(peers.names[n_names], wanted, sizeof(wanted));
        number = (uint8_t)(n_names + 1);
        atomic_store_explicit(&peers.n_names, number, memory_order_release);
    }
    pthread_mutex_unlock(&peers.lock);
    return number;
}

const char *ctx_peer_name(uint8_t number)
{
    uint8_t n_names = atomic_load_explicit(&peers.n_names, memory_order_acquire);
    return number == 0 || number > n_names ? NULL : peers.names[number - 1];
}
