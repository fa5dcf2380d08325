#include "crypto/random.h"

#include <openssl/rand.h>

bool crypto_random(void *bytes, size_t len)
{
    return RAND_bytes(bytes, (int)len) == 1;
}
