#include "support/tls_client.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FDS_MAX = 65536, WAIT_MS = 20000 };

static SSL *sessions[FDS_MAX];
static _Thread_local char why[256];

static SSL *session_of(int fd)
{
    return fd >= 0 && fd < FDS_MAX ? sessions[fd] : NULL;
}

static SSL *fail(SSL *ssl)
{
    unsigned long code = ERR_peek_error();
    const char *reason = ERR_reason_error_string(code);
    snprintf(why, sizeof(why), "%s", reason == NULL ? strerror(errno) : reason);
    ERR_clear_error();
    SSL_free(ssl);
    return NULL;
}

static SSL *make(int fd, const char *version, const char *authority_path, const char *protocols)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_load_verify_file(context, authority_path);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    int number = strcmp(version, "tls1.2") == 0 ? TLS1_2_VERSION : TLS1_3_VERSION;
    SSL_CTX_set_min_proto_version(context, number);
    SSL_CTX_set_max_proto_version(context, number);
    if (protocols != NULL) {
        SSL_CTX_set_alpn_protos(
            context, (const unsigned char *)protocols, (unsigned int)strlen(protocols));
    }
    SSL *ssl = SSL_new(context);
    SSL_CTX_free(context);
    SSL_set_fd(ssl, fd);
    SSL_set_tlsext_host_name(ssl, "localhost");
    SSL_set1_host(ssl, "localhost");
    return ssl;
}

static void set_blocking(int fd, bool is_blocking)
{
    int flags = fcntl(fd, F_GETFL);
    fcntl(fd, F_SETFL, is_blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK);
}

static SSL *start(int fd, const char *version, const char *authority_path, const char *protocols)
{
    /* OpenSSL writes without MSG_NOSIGNAL; a request right behind the handshake is not to wait. */
    signal(SIGPIPE, SIG_IGN);
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    ERR_clear_error();
    return make(fd, version, authority_path, protocols);
}

bool tls_client_open(int fd, const char *version, const char *authority_path)
{
    SSL *ssl = start(fd, version, authority_path, NULL);
    sessions[fd] = ssl;
    /* Nothing is there to read in this step, however soon the server answers. */
    BIO *nothing = BIO_new(BIO_s_mem());
    BIO_set_mem_eof_return(nothing, -1);
    SSL_set0_rbio(ssl, nothing);
    bool is_sent = SSL_get_error(ssl, SSL_connect(ssl)) == SSL_ERROR_WANT_READ;
    SSL_set0_rbio(ssl, BIO_new_socket(fd, BIO_NOCLOSE));
    struct pollfd answer = {.fd = fd, .events = POLLIN};
    return is_sent && poll(&answer, 1, WAIT_MS) == 1;
}

bool tls_client_finish(int fd)
{
    return SSL_connect(sessions[fd]) == 1;
}

bool tls_client_begin(
    int fd, const char *version, const char *authority_path, const char *protocols)
{
    SSL *ssl = start(fd, version, authority_path, protocols);
    sessions[fd] = SSL_connect(ssl) == 1 ? ssl : fail(ssl);
    return sessions[fd] != NULL;
}

const char *tls_client_why(void)
{
    return why;
}

static ssize_t result_of(SSL *ssl, int n)
{
    int before = errno;
    switch (n > 0 ? SSL_ERROR_NONE : SSL_get_error(ssl, n)) {
    case SSL_ERROR_NONE:
        return n;
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        errno = EAGAIN;
        return -1;
    case SSL_ERROR_ZERO_RETURN:
        return 0;
    case SSL_ERROR_SYSCALL:
        errno = before;
        return -1;
    default:
        snprintf(why, sizeof(why), "%s", ERR_reason_error_string(ERR_peek_error()));
        bool is_cut = ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
        ERR_clear_error();
        errno = EPROTO;
        return is_cut ? 0 : -1;
    }
}

ssize_t tls_client_recv(int fd, void *data, size_t len, int flags)
{
    SSL *ssl = session_of(fd);
    if (ssl == NULL) {
        return recv(fd, data, len, flags);
    }
    ERR_clear_error();
    if (flags & MSG_PEEK) {
        return result_of(ssl, SSL_peek(ssl, data, (int)len));
    }
    if (flags & MSG_DONTWAIT) {
        set_blocking(fd, false);
        ssize_t n = result_of(ssl, SSL_read(ssl, data, (int)len));
        set_blocking(fd, true);
        return n;
    }
    ssize_t n = result_of(ssl, SSL_read(ssl, data, (int)len));
    while ((flags & MSG_WAITALL) && n > 0 && (size_t)n < len) {
        int more = SSL_read(ssl, (char *)data + n, (int)len - (int)n);
        if (more <= 0) {
            break;
        }
        n += more;
    }
    return n;
}

ssize_t tls_client_send(int fd, const void *data, size_t len, int flags)
{
    SSL *ssl = session_of(fd);
    if (ssl == NULL) {
        return send(fd, data, len, flags);
    }
    ERR_clear_error();
    if (flags & MSG_DONTWAIT) {
        set_blocking(fd, false);
        ssize_t n = result_of(ssl, SSL_write(ssl, data, (int)len));
        set_blocking(fd, true);
        return n;
    }
    return result_of(ssl, SSL_write(ssl, data, (int)len));
}

bool tls_client_has_pending(int fd)
{
    return session_of(fd) != NULL && SSL_pending(session_of(fd)) > 0;
}

bool tls_client_was_told_goodbye(int fd)
{
    return session_of(fd) != NULL && (SSL_get_shutdown(session_of(fd)) & SSL_RECEIVED_SHUTDOWN);
}

bool tls_client_new_keys(int fd)
{
    SSL *ssl = session_of(fd);
    return SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED) == 1 && SSL_do_handshake(ssl) == 1;
}

/* Whether the peer's machine gets to have all that was sent. */
static bool is_taken(int fd)
{
    int left = 1;
    for (int waited_ms = 0; left > 0 && waited_ms < WAIT_MS; waited_ms++) {
        struct pollfd pause = {.fd = -1};
        (void)poll(&pause, 1, 1);
        if (ioctl(fd, SIOCOUTQ, &left) != 0) {
            return false;
        }
    }
    return left == 0;
}

size_t tls_client_flood_of_keys(int fd, int n)
{
    SSL *ssl = session_of(fd);
    SSL_set0_wbio(ssl, BIO_new(BIO_s_mem()));
    for (int i = 0; i < n; i++) {
        SSL_key_update(ssl, SSL_KEY_UPDATE_NOT_REQUESTED);
        SSL_do_handshake(ssl);
    }
    SSL_shutdown(ssl);
    char *data = NULL;
    size_t len = (size_t)BIO_get_mem_data(SSL_get_wbio(ssl), &data);
    bool is_sent = send(fd, data, len, MSG_NOSIGNAL) == (ssize_t)len;
    SSL_set0_wbio(ssl, BIO_new_socket(fd, BIO_NOCLOSE));
    ERR_clear_error();
    return is_sent && is_taken(fd) ? len : 0;
}

const char *tls_client_protocol(int fd)
{
    static char name[16];
    const unsigned char *chosen = NULL;
    unsigned int len = 0;
    SSL_get0_alpn_selected(session_of(fd), &chosen, &len);
    snprintf(name, sizeof(name), "%.*s", (int)len, chosen == NULL ? "" : (const char *)chosen);
    return name;
}

unsigned long tls_client_peer(int fd)
{
    X509 *certificate = SSL_get1_peer_certificate(session_of(fd));
    unsigned char hash[32] = {0};
    unsigned int len = sizeof(hash);
    X509_digest(certificate, EVP_sha256(), hash, &len);
    X509_free(certificate);
    unsigned long number;
    memcpy(&number, hash, sizeof(number));
    return number;
}

void tls_client_goodbye(int fd)
{
    if (session_of(fd) != NULL) {
        SSL_shutdown(session_of(fd));
        ERR_clear_error();
    }
}

void tls_client_close(int fd)
{
    SSL *ssl = session_of(fd);
    if (ssl != NULL) {
        sessions[fd] = NULL;
        SSL_free(ssl);
    }
    close(fd);
}
