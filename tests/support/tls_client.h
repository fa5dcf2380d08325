/* A TLS client on top of a socket, for tests whose clients speak raw bytes: what goes over a socket
 * that was begun goes within TLS, over any other as it is.
 *
 *     assert_true(tls_client_begin(fd, "tls1.3", test_certificate("ca.pem"), NULL));
 *     tls_client_send(fd, "GET / …", len, MSG_NOSIGNAL);
 *     tls_client_goodbye(fd);                        close_notify, without FIN
 *     tls_client_close(fd);                          FIN, without close_notify
 *
 * A socket belongs to one thread at a time. Not here: anything but blocking sockets. */
#ifndef WALKIE_TESTS_TLS_CLIENT_H
#define WALKIE_TESTS_TLS_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Shake hands for "localhost", in this version alone ("tls1.2", "tls1.3"); `protocols`: for ALPN,
 * each with its length in front; NULL: none. False: it failed; tls_client_why says why. */
bool tls_client_begin(
    int fd, const char *version, const char *authority_path, const char *protocols);
const char *tls_client_why(void);

/* The same in two steps: send the first message and wait for the server's answer to it; send the
 * last one. */
bool tls_client_open(int fd, const char *version, const char *authority_path);
bool tls_client_finish(int fd);

/* recv and send. A FIN without a close_notify in front of it is an end, too (0). */
ssize_t tls_client_recv(int fd, void *data, size_t len, int flags);
ssize_t tls_client_send(int fd, const void *data, size_t len, int flags);

/* Bytes that are there without another look at the socket. */
bool tls_client_has_pending(int fd);

/* Whether the peer's close_notify has come. */
bool tls_client_was_told_goodbye(int fd);

/* Ask for new keys, and have the peer make new ones, too (TLS 1.3). */
bool tls_client_new_keys(int fd);

/* Send `n` new keys of ours and a goodbye at once, and wait until the peer's machine has them,
 * whether the peer reads or not. Returns how many bytes they are; 0: they did not fit. */
size_t tls_client_flood_of_keys(int fd, int n);

/* "http/1.1", or "". Static storage. */
const char *tls_client_protocol(int fd);
/* "CN=…" of the certificate that was shown, as a number that tells two from one another. */
unsigned long tls_client_peer(int fd);

void tls_client_goodbye(int fd);
void tls_client_close(int fd);

#endif
