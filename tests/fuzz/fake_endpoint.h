/* Who waits for a stream of the fuzzer's (fake_nng.h), behind nng's listeners and dialers. */
#ifndef WALKIE_TESTS_FAKE_ENDPOINT_H
#define WALKIE_TESTS_FAKE_ENDPOINT_H

#include <nng/nng.h>

struct fake_endpoint;

/* free() ends it. */
struct fake_endpoint *fake_endpoint_new(void);
void fake_endpoint_wait(struct fake_endpoint *endpoint, nng_aio *aio);
void fake_endpoint_close(struct fake_endpoint *endpoint);

#endif
