/* What TLS needs: certificate, key and authorities, loaded from PEM files and checked, so that what
 * is wrong is said at start, with the name of the file and what to do.
 *
 *     const struct rpc_tls_files files = {.certificate = "service.pem", .key = "service.key",
 *         .authorities = "ca.pem"};
 *     status = rpc_tls_new(&files, RPC_TLS_SERVER, &tls, &error);
 *     … options.tls = tls …                        outlives the server or channel
 *     rpc_tls_free(tls);
 *
 * A server needs certificate and key; with authorities it admits only peers that bring a
 * certificate of one of them (mTLS). A client needs authorities, against which it checks the
 * server, and brings certificate and key when it has them. TLS 1.2 is the least.
 *
 * mTLS proves the authority, not the caller: nng 1.5.2 does not tell whose certificate it was, so
 * everybody whom the authority has certified is admitted alike. Use one of its own for Walkie.
 *
 * Read again (rpc_tls_reload), new files are used for connections that begin from then on; those
 * that are open go on with what they have.
 *
 * Not here: handshakes (transport.h). */
#ifndef WALKIE_RPC_TLS_H
#define WALKIE_RPC_TLS_H

#include "base/attributes.h"
#include "base/error.h"

struct rpc_tls; /* any number of threads may use it */

enum rpc_tls_side { RPC_TLS_SERVER, RPC_TLS_CLIENT };

/* Paths, borrowed during rpc_tls_new; NULL: none. */
struct rpc_tls_files {
    const char *prefix;      /* of our own's settings in errors: "backend-"; NULL: none */
    const char *certificate; /* --tls-cert: ours, and the chain up to its authority */
    const char *key;         /* --tls-key: its private key; RSA or EC */
    const char *authorities; /* --tls-ca: who must have signed the peer's */
    /* --tls-server-name, for a client: the DNS name that the server's certificate must bear.
     * NULL: the host of the address. (An IP address is compared as if it were a name.) */
    const char *server_name;
};

enum {
    RPC_TLS_WARN_DAYS = 14, /* a certificate with less time left than this is warned of */
};

/* Load and check: files there and readable, PEM, key and certificate fit, dates, authorities are
 * authorities, and nng accepts all of it. The caller's until rpc_tls_free.
 * Errors: INVALID_ARGUMENT, NOT_FOUND, PERMISSION_DENIED, UNAVAILABLE (a file cannot be read),
 *         RESOURCE_EXHAUSTED. */
MUST_USE enum status rpc_tls_new(const struct rpc_tls_files *files, enum rpc_tls_side side,
    struct rpc_tls **ret_tls, struct error *ret_error);
void rpc_tls_free(struct rpc_tls *tls); /* accepts NULL */
void rpc_tls_free_at(struct rpc_tls **tls);

/* Read the files again. When anything is wrong with them, nothing changes. Channels use them at the
 * next dial; a server is told by rpc_server_renew_tls.
 * Threads: one at a time. Errors: as rpc_tls_new. */
MUST_USE enum status rpc_tls_reload(struct rpc_tls *tls, struct error *ret_error);

/* The same, with a line in the log: tls.reloaded or tls.reload_failed. For SIGHUP. */
void rpc_tls_on_reload(struct rpc_tls *tls);

/* Warn in the log of what will hurt soon: a certificate about to expire, or one that our own
 * authorities have not signed. Once, by whoever begins to use it. */
void rpc_tls_log_warnings(const struct rpc_tls *tls);

#endif
