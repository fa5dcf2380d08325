/* Certificates for tests, made on the spot: an authority, and what it and another one have signed.
 *
 *     test_certificates_make();                              once a program; removed at its end
 *     files.certificate = test_certificate("service.pem");   static storage, a few at a time
 *
 *     ca.pem                   the authority           other-ca.pem            a strange one
 *     service.pem, .key        localhost               client.pem, .key        a peer
 *     other.pem, .key          signed by the stranger  misnamed.pem, .key      elsewhere.example
 *     expired.pem, .key        until yesterday         future.pem, .key        from tomorrow
 *     soon.pem, .key           for three days more     edwards.pem, .key       an Ed25519 key
 */
#ifndef WALKIE_TESTS_CERTIFICATES_H
#define WALKIE_TESTS_CERTIFICATES_H

#include <stdbool.h>
#include <stddef.h>

/* Exits the program when that fails. */
void test_certificates_make(void);

/* For another process that runs this program: an argument with a URL and, behind a blank, the
 * folder. Static storage. That process cuts the argument back to the URL, and uses the folder from
 * then on. False: there is none. */
const char *test_certificates_argument(const char *url);
bool test_certificates_use(char *argument);

/* The path of a file in their folder. */
const char *test_certificate(const char *name);

/* Write a file into their folder; returns its path. */
const char *test_certificate_write(const char *name, const void *data, size_t len);

#endif
