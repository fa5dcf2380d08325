/* From an address to an nng byte stream: dialers and listeners, TLS among them, and words for what
 * nng says when TLS fails.
 *
 *     status = transport_listener_new(&address, tls, &listener, &error);
 *     status = transport_dialer_new(&address, tls, "report.example", &dialer, &error);
 *     transport_explain(&failure, words);
 *
 * What nng 1.5.2 with mbed TLS 2.28 does: dialling and accepting succeed before the handshake,
 * whose failure comes as the result of the first receive or send: NNG_EPEERAUTH when a peer brought
 * no certificate, NNG_ECRYPTO for everything else. Whether it was we who refused the peer's
 * certificate can be asked, but not why, and not whose it was. An end of file that comes while no
 * receive is posted is swallowed: the receive posted next hangs for ever, and sends succeed into
 * nothing; transport_is_connected tells. Names are compared with DNS names only, never with a
 * certificate's IP addresses. */
#ifndef WALKIE_RPC_TRANSPORT_H
#define WALKIE_RPC_TRANSPORT_H

#include <nng/nng.h>
#include <pthread.h>
#include <stdbool.h>

#include "crypto/certificate.h"
#include "rpc/address.h"
#include "rpc/tls.h"

/* What the files held when they were read last. */
struct rpc_tls_material {
    pthread_mutex_t lock;            /* guards what follows */
    unsigned int version;            /* one more each time that they were read again */
    struct certificate *certificate; /* NULL: none, like the next two */
    struct private_key *key;
    struct certificate *authorities;
};

struct rpc_tls {
    enum rpc_tls_side side;
    struct rpc_tls_files files; /* its texts are copies */
    struct rpc_tls_material *material;
};

/* A listener, not listening yet; nng_stream_listener_free. `tls` may be NULL where the address is
 * not TLS; borrowed.
 * Errors: INVALID_ARGUMENT (no certificate for TLS; what nng does not accept), RESOURCE_EXHAUSTED.
 */
MUST_USE enum status transport_listener_new(const struct rpc_address *address,
    const struct rpc_tls *tls, nng_stream_listener **ret_listener, struct error *ret_error);

/* The same for dialling; nng_stream_dialer_free. `server_name` is what the certificate must bear
 * unless `tls` has a name of its own: the host before it was looked up. The port must not be 0. */
MUST_USE enum status transport_dialer_new(const struct rpc_address *address,
    const struct rpc_tls *tls, const char *server_name, nng_stream_dialer **ret_dialer,
    struct error *ret_error);

/* Before a connection is accepted or dialled, by the only thread that does so: take what the files
 * hold now, if they were read again since `*version`. What is open goes on with what it has. Does
 * nothing without TLS; without memory the next call tries again. */
void transport_listener_renew(
    nng_stream_listener *listener, const struct rpc_tls *tls, unsigned int *version);
void transport_dialer_renew(nng_stream_dialer *dialer, const struct rpc_tls *tls,
    const char *server_name, unsigned int *version);

/* Try the material on nng. Errors: INVALID_ARGUMENT names the files. */
MUST_USE enum status transport_check_tls(const struct rpc_tls *tls, struct error *ret_error);

/* Whether nng has not closed this stream for itself, having swallowed the reason. */
bool transport_is_connected(nng_stream *stream);

enum { TRANSPORT_WORDS_MAX = 400 }; /* bytes, with the NUL */

struct transport_failure {
    int nng_result;
    enum rpc_transport transport;
    enum rpc_tls_side side;
    bool has_refused_peer; /* transport_has_refused_peer */
    const struct rpc_tls *tls;
};

/* Whether a handshake that failed did so because the peer's certificate was not accepted here. */
bool transport_has_refused_peer(nng_stream *stream);

/* Why a stream ended before the peer's first byte, in words that say what to look at. */
void transport_explain(
    const struct transport_failure *failure, char ret_words[TRANSPORT_WORDS_MAX]);

#endif
