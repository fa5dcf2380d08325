/* One connection's TLS: an SSL, and a BIO over the socket that remembers what recv and send said
 * (io.h tells why). */
#include <errno.h>
#include <openssl/err.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "http/io.h"
#include "http/tls_internal.h"

struct http_tls_session {
    SSL *ssl;
    int fd;
    bool may_recv;      /* the socket was not read to its end since the last event */
    bool is_ending;     /* a FIN was announced */
    bool is_fin;        /* it was, and said that nothing more comes */
    bool is_over;       /* broken, or abandoned: nothing is sent any more */
    bool is_handshaken; /* also: SSL_shutdown may be called */
    bool needs_room;    /* the last read has to send something first */
    int problem;        /* errno of a recv or send that failed for good */
    size_t turn_left;   /* bytes that this read may still take from the socket */
    size_t handshake_left;
};

/* --- the BIO --------------------------------------------------------------------------------- */

static int on_read(BIO *bio, char *data, int len)
{
    struct http_tls_session *session = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (session->is_fin || len <= 0) {
        return 0;
    }
    size_t wanted = (size_t)len < session->turn_left ? (size_t)len : session->turn_left;
    if (!session->may_recv || wanted == 0) {
        BIO_set_retry_read(bio);
        return -1;
    }
    ssize_t n = recv(session->fd, data, wanted, 0);
    while (n < 0 && errno == EINTR) {
        n = recv(session->fd, data, wanted, 0);
    }
    /* A short read leaves nothing behind, and what comes later makes a new edge; unless the FIN's
     * was that edge. */
    session->may_recv = n == (ssize_t)wanted || (n > 0 && session->is_ending);
    if (n > 0) {
        session->turn_left -= (size_t)n;
        return (int)n;
    }
    if (n == 0) {
        session->is_fin = true;
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
        BIO_set_retry_read(bio);
    } else {
        session->problem = errno;
    }
    return n == 0 ? 0 : -1;
}

static int on_write(BIO *bio, const char *data, int len)
{
    struct http_tls_session *session = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    ssize_t n = send(session->fd, data, (size_t)len, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR) {
        n = send(session->fd, data, (size_t)len, MSG_NOSIGNAL);
    }
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        BIO_set_retry_write(bio);
    } else if (n < 0) {
        session->problem = errno;
    }
    return (int)n;
}

static long on_control(BIO *bio, int command, long number, void *pointer)
{
    (void)number;
    (void)pointer;
    const struct http_tls_session *session = BIO_get_data(bio);
    if (command == BIO_CTRL_EOF) {
        return session->is_fin ? 1 : 0;
    }
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

static BIO_METHOD *method;

static void make_method(void)
{
    method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "walkie socket");
    if (method != NULL &&
        (BIO_meth_set_read(method, on_read) != 1 || BIO_meth_set_write(method, on_write) != 1 ||
            BIO_meth_set_ctrl(method, on_control) != 1)) {
        BIO_meth_free(method);
        method = NULL;
    }
}

/* --- the session ----------------------------------------------------------------------------- */

static bool attach(struct http_tls_session *session)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_method);
    BIO *bio = session->ssl == NULL || method == NULL ? NULL : BIO_new(method);
    if (bio == NULL) {
        return false;
    }
    BIO_set_data(bio, session);
    BIO_set_init(bio, 1);
    SSL_set_bio(session->ssl, bio, bio); /* takes it */
    SSL_set_accept_state(session->ssl);
    return true;
}

struct http_tls_session *http_tls_session_new(struct http_tls *tls, int fd)
{
    struct http_tls_session *session = calloc(1, sizeof(*session));
    if (session == NULL) {
        return NULL;
    }
    session->fd = fd;
    session->handshake_left = HTTP_TLS_HANDSHAKE_BYTES;
    session->ssl = http_tls_make(tls);
    if (!attach(session)) {
        http_tls_session_free(session);
        ERR_clear_error();
        return NULL;
    }
    return session;
}

void http_tls_session_free(struct http_tls_session *session)
{
    if (session != NULL) {
        SSL_free(session->ssl);
        free(session);
    }
}

void http_tls_session_set_readable(struct http_tls_session *session, bool is_ending)
{
    session->is_ending = is_ending;
    session->may_recv = true;
}

bool http_tls_session_reads_wait_for_room(const struct http_tls_session *session)
{
    return session->needs_room;
}

enum http_protocol http_tls_session_protocol(const struct http_tls_session *session)
{
    const unsigned char *name = NULL;
    unsigned int len = 0;
    SSL_get0_alpn_selected(session->ssl, &name, &len);
    return len == 2 && memcmp(name, "h2", 2) == 0 ? HTTP_PROTOCOL_2 : HTTP_PROTOCOL_1_1;
}

/* --- the handshake --------------------------------------------------------------------------- */

/* The library's reason, as a word to count by. */
static const char *word_of(unsigned long code)
{
    if (ERR_GET_LIB(code) != ERR_LIB_SSL) {
        return "broken";
    }
    switch (ERR_GET_REASON(code)) {
    case SSL_R_HTTP_REQUEST:
    case SSL_R_HTTPS_PROXY_REQUEST:
        return "plain_http";
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_VERSION_TOO_LOW:
    case SSL_R_UNKNOWN_PROTOCOL:
        return "version";
    case SSL_R_NO_SHARED_CIPHER:
    case SSL_R_NO_SUITABLE_KEY_SHARE:
    case SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM:
    case SSL_R_NO_SHARED_GROUPS:
        return "cipher";
    case SSL_R_NO_APPLICATION_PROTOCOL:
        return "protocol";
    default:
        /* An alert of the client's: mostly that it does not trust our certificate. */
        return ERR_GET_REASON(code) >= SSL_AD_REASON_OFFSET ? "refused" : "broken";
    }
}

static enum http_tls_step fail(
    struct http_tls_session *session, const char **ret_result, const char **ret_why)
{
    unsigned long code = ERR_peek_error();
    const char *reason = ERR_reason_error_string(code);
    session->is_over = true;
    if (session->is_fin || session->problem != 0) {
        *ret_result = "left";
        *ret_why = "the client left";
    } else if (code == 0) {
        *ret_result = "broken";
        *ret_why = "no reason given";
    } else {
        *ret_result = word_of(code);
        *ret_why = reason == NULL ? "no reason given" : reason;
    }
    ERR_clear_error();
    return HTTP_TLS_FAILED;
}

enum http_tls_step http_tls_session_handshake(
    struct http_tls_session *session, const char **ret_result, const char **ret_why)
{
    if (session->handshake_left == HTTP_TLS_HANDSHAKE_BYTES && !session->may_recv) {
        return HTTP_TLS_WAIT; /* OpenSSL's buffers are for those who have something to say */
    }
    ERR_clear_error();
    session->turn_left = session->handshake_left;
    int done = SSL_do_handshake(session->ssl);
    session->handshake_left = session->turn_left;
    if (done == 1) {
        session->is_handshaken = true;
        return HTTP_TLS_DONE;
    }
    int problem = SSL_get_error(session->ssl, done);
    if (problem != SSL_ERROR_WANT_READ && problem != SSL_ERROR_WANT_WRITE) {
        return fail(session, ret_result, ret_why);
    }
    if (session->handshake_left == 0) {
        session->is_over = true;
        *ret_result = "broken";
        *ret_why = "the client's part of the handshake is too long";
        return HTTP_TLS_FAILED;
    }
    return HTTP_TLS_WAIT;
}

/* --- data ------------------------------------------------------------------------------------ */

static struct http_io_result lost(struct http_tls_session *session, const char *how)
{
    session->is_over = true;
    ERR_clear_error();
    return (struct http_io_result){.state = HTTP_IO_LOST, .how = how};
}

struct http_io_result http_tls_session_read(
    struct http_tls_session *session, uint8_t *data, size_t len_max, bool *ret_may_have_more)
{
    size_t len = 0;
    ERR_clear_error();
    session->turn_left = HTTP_TLS_TURN_BYTES;
    session->needs_room = false;
    int done = SSL_read_ex(session->ssl, data, len_max, &len);
    *ret_may_have_more = session->may_recv;
    if (done == 1) {
        *ret_may_have_more = session->may_recv || SSL_has_pending(session->ssl) == 1;
        return (struct http_io_result){.state = HTTP_IO_DONE, .len = len};
    }
    switch (SSL_get_error(session->ssl, done)) {
    case SSL_ERROR_WANT_READ:
        return (struct http_io_result){.state = HTTP_IO_WAIT};
    case SSL_ERROR_WANT_WRITE:
        session->needs_room = true;
        *ret_may_have_more = false; /* until there is room */
        return (struct http_io_result){.state = HTTP_IO_WAIT};
    case SSL_ERROR_ZERO_RETURN:
        *ret_may_have_more = false; /* nothing counts behind a close_notify */
        return (struct http_io_result){.state = HTTP_IO_END, .how = "close_notify"};
    default:
        *ret_may_have_more = false;
        if (session->is_fin) {
            session->is_over = true;
            ERR_clear_error();
            return (struct http_io_result){.state = HTTP_IO_END, .how = "fin"};
        }
        return lost(session, session->problem != 0 ? "reset" : "tls");
    }
}

struct http_io_result http_tls_session_write(
    struct http_tls_session *session, const uint8_t *data, size_t len)
{
    size_t written = 0;
    if (session->is_over) {
        return (struct http_io_result){.state = HTTP_IO_LOST, .how = "write"};
    }
    ERR_clear_error();
    int done = SSL_write_ex(session->ssl, data, len, &written);
    if (done == 1) {
        return (struct http_io_result){.state = HTTP_IO_DONE, .len = written};
    }
    int problem = SSL_get_error(session->ssl, done);
    if (problem == SSL_ERROR_WANT_WRITE || problem == SSL_ERROR_WANT_READ) {
        return (struct http_io_result){.state = HTTP_IO_WAIT};
    }
    return lost(session, "write");
}

void http_tls_session_abandon(struct http_tls_session *session)
{
    session->is_over = true;
}

void http_tls_session_say_goodbye(struct http_tls_session *session)
{
    if (session->is_handshaken && !session->is_over) {
        session->is_over = true;
        ERR_clear_error();
        (void)SSL_shutdown(session->ssl); /* what the socket does not take now is not waited for */
        ERR_clear_error();
    }
}
