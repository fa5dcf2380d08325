/* Random bytes that nobody can guess, from OpenSSL's generator.
 *
 *     uint8_t secret[32];
 *     if (!crypto_random(secret, sizeof(secret))) { … }
 *
 * Threads: any. Not here: fast random numbers for tests and jitter. */
#ifndef WALKIE_CRYPTO_RANDOM_H
#define WALKIE_CRYPTO_RANDOM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"

/* False: the system gives none; what is there must not be used. `len` is at most INT_MAX. */
MUST_USE bool crypto_random(void *bytes, size_t len);

#endif
