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

#include <stddef.h>

/* Exits the program when that fails. */
void test_certificates_make(void);

/* Use those that another process has made in this folder. */
void test_certificates_use(const char *of_folder);

/* The path of a file in their folder. */
const char *test_certificate(const char *name);

/* Write a file into their folder; returns its path. */
const char *test_certificate_write(const char *name, const void *data, size_t len);

#endif
