#include "rpc/transport.h"

#include <nng/supplemental/tls/tls.h>
#include <stdio.h>

static const char *path_or(const char *path, const char *otherwise)
{
    return path == NULL ? otherwise : path;
}

static enum status refused(
    const struct rpc_tls *tls, const char *what, int result, struct error *ret_error)
{
    if (result == NNG_ENOMEM) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "TLS: out of memory");
    }
    if (tls->files.certificate == NULL) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT, "%s: %s", what, nng_strerror(result));
    }
    return error_set(ret_error, STATUS_INVALID_ARGUMENT,
        "%s, with certificate %s and key %s: %s; the TLS library takes RSA keys, and EC keys on "
        "the "
        "curves P-256, P-384 and P-521",
        what, tls->files.certificate, tls->files.key, nng_strerror(result));
}

/* nng reads all of it into structures of its own. With the material's lock held. */
static int configure(nng_tls_config *config, const struct rpc_tls *tls, const char *server_name)
{
    const struct rpc_tls_material *material = tls->material;
    /* nng's own default, said here because it is a promise of ours; 1.3 is not in mbed TLS 2.28. */
    int result = nng_tls_config_version(config, NNG_TLS_1_2, NNG_TLS_1_3);
    if (result == 0) {
        result = nng_tls_config_auth_mode(config,
            material->authorities == NULL ? NNG_TLS_AUTH_MODE_NONE : NNG_TLS_AUTH_MODE_REQUIRED);
    }
    if (result == 0 && material->authorities != NULL) {
        result = nng_tls_config_ca_chain(config, certificate_pem(material->authorities), NULL);
    }
    if (result == 0 && material->certificate != NULL) {
        result = nng_tls_config_own_cert(
            config, certificate_pem(material->certificate), private_key_pem(material->key), NULL);
    }
    if (result == 0 && tls->side == RPC_TLS_CLIENT) {
        result = nng_tls_config_server_name(config, path_or(tls->files.server_name, server_name));
    }
    return result;
}

/* `ret_version`: of what it was made of; NULL: nobody asks. */
static enum status config_new(const struct rpc_tls *tls, const char *server_name,
    nng_tls_config **ret_config, unsigned int *ret_version, struct error *ret_error)
{
    nng_tls_config *config;
    int result = nng_tls_config_alloc(
        &config, tls->side == RPC_TLS_SERVER ? NNG_TLS_MODE_SERVER : NNG_TLS_MODE_CLIENT);
    if (result == NNG_ENOTSUP) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "this build of nng has no TLS; use tcp:// or ipc://");
    }
    if (result != 0) {
        return refused(tls, "TLS", result, ret_error);
    }
    pthread_mutex_lock(&tls->material->lock);
    result = configure(config, tls, server_name);
    unsigned int version = tls->material->version;
    pthread_mutex_unlock(&tls->material->lock);
    if (result != 0) {
        nng_tls_config_free(config);
        return refused(tls, "nng does not take these TLS files", result, ret_error);
    }
    *ret_config = config;
    if (ret_version != NULL) {
        *ret_version = version;
    }
    return STATUS_OK;
}

static bool is_renewed(const struct rpc_tls *tls, unsigned int version)
{
    if (tls == NULL) {
        return false;
    }
    pthread_mutex_lock(&tls->material->lock);
    bool is_newer = tls->material->version != version;
    pthread_mutex_unlock(&tls->material->lock);
    return is_newer;
}

/* nng lets a listener or dialer have another configuration at any time, but reads the old one
 * without a lock when it accepts or dials: so this is for the thread that does. */
void transport_listener_renew(
    nng_stream_listener *listener, const struct rpc_tls *tls, unsigned int *version)
{
    nng_tls_config *config = NULL;
    struct error error = ERROR_NONE;
    if (is_renewed(tls, *version) && config_new(tls, NULL, &config, version, &error) == STATUS_OK) {
        /* One of tcp:// beside it has no such option. */
        (void)nng_stream_listener_set_ptr(listener, NNG_OPT_TLS_CONFIG, config);
        nng_tls_config_free(config);
    }
}

void transport_dialer_renew(nng_stream_dialer *dialer, const struct rpc_tls *tls,
    const char *server_name, unsigned int *version)
{
    nng_tls_config *config = NULL;
    struct error error = ERROR_NONE;
    if (is_renewed(tls, *version) &&
        config_new(tls, server_name, &config, version, &error) == STATUS_OK) {
        (void)nng_stream_dialer_set_ptr(dialer, NNG_OPT_TLS_CONFIG, config);
        nng_tls_config_free(config);
    }
}

enum status transport_check_tls(const struct rpc_tls *tls, struct error *ret_error)
{
    nng_tls_config *config = NULL;
    enum status status = config_new(tls, "localhost", &config, NULL, ret_error);
    if (status == STATUS_OK) {
        nng_tls_config_free(config);
    }
    return status;
}

static enum status check_has_tls(
    const struct rpc_address *address, const struct rpc_tls *tls, struct error *ret_error)
{
    if (address->transport == RPC_TRANSPORT_TLS && tls == NULL) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "%s: TLS needs files: --tls-cert, --tls-key, --tls-ca", address->url);
    }
    return STATUS_OK;
}

static enum status say(const struct rpc_address *address, int result, struct error *ret_error)
{
    return error_set(ret_error,
        result == NNG_ENOMEM ? STATUS_RESOURCE_EXHAUSTED : STATUS_INVALID_ARGUMENT, "%s: %s",
        address->url, nng_strerror(result));
}

enum status transport_listener_new(const struct rpc_address *address, const struct rpc_tls *tls,
    nng_stream_listener **ret_listener, struct error *ret_error)
{
    enum { SOCKET_PERMISSIONS = 0660 };
    nng_stream_listener *listener = NULL;
    nng_tls_config *config = NULL;
    enum status status = check_has_tls(address, tls, ret_error);
    if (status == STATUS_OK && address->transport == RPC_TRANSPORT_TLS) {
        status = config_new(tls, NULL, &config, NULL, ret_error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    int result = nng_stream_listener_alloc(&listener, address->url);
    if (result == 0 && config != NULL) {
        result = nng_stream_listener_set_ptr(listener, NNG_OPT_TLS_CONFIG, config);
    }
    if (result == 0 && address->transport == RPC_TRANSPORT_IPC) {
        result = nng_stream_listener_set_int(listener, NNG_OPT_IPC_PERMISSIONS, SOCKET_PERMISSIONS);
    }
    if (config != NULL) {
        nng_tls_config_free(config); /* the listener holds it */
    }
    if (result != 0) {
        if (listener != NULL) {
            nng_stream_listener_free(listener);
        }
        return say(address, result, ret_error);
    }
    *ret_listener = listener;
    return STATUS_OK;
}

enum status transport_dialer_new(const struct rpc_address *address, const struct rpc_tls *tls,
    const char *server_name, nng_stream_dialer **ret_dialer, struct error *ret_error)
{
    nng_stream_dialer *dialer = NULL;
    nng_tls_config *config = NULL;
    enum status status = check_has_tls(address, tls, ret_error);
    if (status == STATUS_OK && address->transport == RPC_TRANSPORT_TLS) {
        status = config_new(tls, server_name, &config, NULL, ret_error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    int result = nng_stream_dialer_alloc(&dialer, address->url);
    if (result == 0 && config != NULL) {
        result = nng_stream_dialer_set_ptr(dialer, NNG_OPT_TLS_CONFIG, config);
    }
    if (config != NULL) {
        nng_tls_config_free(config); /* the dialer holds it */
    }
    if (result != 0) {
        if (dialer != NULL) {
            nng_stream_dialer_free(dialer);
        }
        return say(address, result, ret_error);
    }
    *ret_dialer = dialer;
    return STATUS_OK;
}

bool transport_is_connected(nng_stream *stream)
{
    /* nng shuts the socket down when it has read the end; the kernel then knows no peer any more.
     */
    nng_sockaddr address;
    return nng_stream_get_addr(stream, NNG_OPT_REMADDR, &address) == 0;
}

bool transport_has_refused_peer(nng_stream *stream)
{
    bool is_verified = false;
    return nng_stream_get_bool(stream, NNG_OPT_TLS_VERIFIED, &is_verified) == 0 && !is_verified;
}

static void explain_to_client(const struct transport_failure *failure, char *words)
{
    const struct rpc_tls *tls = failure->tls;
    if (failure->has_refused_peer) {
        const char *authorities = path_or(tls->files.authorities, "none");
        snprintf(words, TRANSPORT_WORDS_MAX,
            "TLS: the service's certificate is not accepted: it has expired, no authority in %s "
            "(--tls-ca) has signed it, or it does not bear the name dialled (an IP address is not "
            "enough: --tls-server-name); `openssl s_client -connect HOST:PORT -CAfile %s "
            "-verify_hostname NAME` tells which",
            authorities, authorities);
    } else {
        snprintf(words, TRANSPORT_WORDS_MAX,
            "TLS: the handshake failed (%s): the service refuses our certificate (%s), and its log "
            "says why, or it does not speak TLS on this port",
            nng_strerror(failure->nng_result), path_or(tls->files.certificate, "none; --tls-cert"));
    }
}

static void explain_to_server(const struct transport_failure *failure, char *words)
{
    const struct rpc_tls *tls = failure->tls;
    const char *authorities = path_or(tls->files.authorities, "none");
    if (failure->nng_result == NNG_EPEERAUTH) {
        snprintf(words, TRANSPORT_WORDS_MAX,
            "TLS: the peer brought no certificate; here it needs one (--tls-cert, --tls-key) that "
            "an authority in %s (--tls-ca) has signed",
            authorities);
    } else if (failure->has_refused_peer) {
        snprintf(words, TRANSPORT_WORDS_MAX,
            "TLS: the peer's certificate is not accepted: it has expired, or no authority in %s "
            "(--tls-ca) has signed it",
            authorities);
    } else {
        snprintf(words, TRANSPORT_WORDS_MAX,
            "TLS: the handshake failed (%s): the peer does not accept our certificate (%s), does "
            "not speak TLS 1.2, or does not speak TLS at all (tcp:// instead of tls+tcp://)",
            nng_strerror(failure->nng_result), path_or(tls->files.certificate, "none"));
    }
}

void transport_explain(const struct transport_failure *failure, char ret_words[TRANSPORT_WORDS_MAX])
{
    bool is_client = failure->side == RPC_TLS_CLIENT;
    if (failure->transport == RPC_TRANSPORT_TLS) {
        (is_client ? explain_to_client : explain_to_server)(failure, ret_words);
    } else if (failure->transport == RPC_TRANSPORT_TCP && is_client) {
        snprintf(ret_words, TRANSPORT_WORDS_MAX,
            "%s before the peer said who it is (does it expect TLS: tls+tcp://?)",
            nng_strerror(failure->nng_result));
    } else {
        snprintf(ret_words, TRANSPORT_WORDS_MAX, "%s", nng_strerror(failure->nng_result));
    }
}
