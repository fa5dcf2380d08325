/* TLS for the servers and channels of tests, from tests/support/certificates.h. */
#ifndef WALKIE_TESTS_RPC_TLS_FILES_H
#define WALKIE_TESTS_RPC_TLS_FILES_H

#include "rpc/tls.h"

/* "OWN.pem" and "OWN.key" (NULL: none), "AUTHORITY.pem" (NULL: none), without a look at dates: so a
 * test can show an expired one to its peer. A client expects "localhost". Exits the program when
 * they cannot be loaded; rpc_tls_free. */
struct rpc_tls *test_tls_new(enum rpc_tls_side side, const char *own, const char *authority);

#endif
