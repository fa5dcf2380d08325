#include "auth/jwt_cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/hmac.h"

struct cache_entry {
    uint8_t hash[SHA256_LEN];
    struct identity *identity; /* NULL: free */
    int64_t expires_s;
};

struct jwt_cache {
    pthread_mutex_t mutex; /* guards the entries */
    struct cache_entry entries[JWT_CACHE_SETS][JWT_CACHE_WAYS];
};

_Static_assert(JWT_CACHE_SETS == 256, "the first byte of a hash is its set");

struct jwt_cache *jwt_cache_new(void)
{
    struct jwt_cache *cache = calloc(1, sizeof(*cache));
    if (cache != NULL) {
        pthread_mutex_init(&cache->mutex, NULL);
    }
    return cache;
}

void jwt_cache_free(struct jwt_cache *cache)
{
    if (cache == NULL) {
        return;
    }
    for (size_t i = 0; i < JWT_CACHE_SETS; i++) {
        for (size_t j = 0; j < JWT_CACHE_WAYS; j++) {
            identity_unref(cache->entries[i][j].identity);
        }
    }
    pthread_mutex_destroy(&cache->mutex);
    free(cache);
}

struct identity *jwt_cache_find(
    struct jwt_cache *cache, const uint8_t hash[SHA256_LEN], int64_t now_s)
{
    struct identity *found = NULL;
    pthread_mutex_lock(&cache->mutex);
    struct cache_entry *set = cache->entries[hash[0]];
    for (size_t i = 0; i < JWT_CACHE_WAYS && found == NULL; i++) {
        bool is_it = set[i].identity != NULL && crypto_equal(set[i].hash, hash, SHA256_LEN);
        if (is_it && now_s < set[i].expires_s) {
            found = identity_ref(set[i].identity);
        }
    }
    pthread_mutex_unlock(&cache->mutex);
    return found;
}

void jwt_cache_put(struct jwt_cache *cache, const uint8_t hash[SHA256_LEN],
    struct identity *identity, int64_t expires_s)
{
    pthread_mutex_lock(&cache->mutex);
    struct cache_entry *set = cache->entries[hash[0]];
    struct cache_entry *place = &set[0];
    for (size_t i = 0; i < JWT_CACHE_WAYS; i++) {
        if (set[i].identity == NULL || memcmp(set[i].hash, hash, SHA256_LEN) == 0) {
            place = &set[i];
            break;
        }
        place = set[i].expires_s < place->expires_s ? &set[i] : place;
    }
    struct identity *old = place->identity;
    memcpy(place->hash, hash, SHA256_LEN);
    place->identity = identity_ref(identity);
    place->expires_s = expires_s;
    pthread_mutex_unlock(&cache->mutex);
    identity_unref(old);
}
