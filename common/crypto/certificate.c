#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* timegm */
#endif
#include "crypto/certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "crypto/pem_file.h"

/* What nobody else may do with a key's file; its group may read it. */
enum { OTHERS_MASK = S_IWGRP | S_IXGRP | S_IRWXO };

struct certificate {
    struct pem_file file;
    STACK_OF(X509) * chain; /* at least one */
};

struct private_key {
    struct pem_file file;
    EVP_PKEY *key;
};

static X509 *first_of(const struct certificate *certificate)
{
    return sk_X509_value(certificate->chain, 0);
}

/* Every certificate in the file; what else stands in it (a key, comments) is passed over. */
static enum status read_chain(struct certificate *certificate, struct error *ret_error)
{
    const char *path = certificate->file.path;
    BIO *text = BIO_new_mem_buf(certificate->file.text, (int)certificate->file.len);
    certificate->chain = sk_X509_new_null();
    if (text == NULL || certificate->chain == NULL) {
        BIO_free(text);
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "%s: out of memory", path);
    }
    ERR_clear_error();
    X509 *one;
    bool has_room = true;
    while (has_room && (one = PEM_read_bio_X509(text, NULL, pem_file_no_password, NULL)) != NULL) {
        has_room = sk_X509_push(certificate->chain, one) > 0;
    }
    bool is_at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    BIO_free(text);
    if (!has_room) {
        X509_free(one);
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "%s: out of memory", path);
    }
    int n_certificates = sk_X509_num(certificate->chain);
    if (!is_at_end) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT, "%s: certificate %d in it is damaged",
            path, n_certificates + 1);
    }
    if (n_certificates == 0) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "%s: no certificate in it; it must be PEM (\"-----BEGIN CERTIFICATE-----\")", path);
    }
    return STATUS_OK;
}

enum status certificate_load(
    const char *path, struct certificate **ret_certificate, struct error *ret_error)
{
    CLEANUP(certificate_free_at) struct certificate *certificate = calloc(1, sizeof(*certificate));
    if (certificate == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "%s: out of memory", path);
    }
    enum status status = pem_file_read(&certificate->file, path, CERTIFICATE_FILE_MAX, ret_error);
    if (status == STATUS_OK) {
        status = read_chain(certificate, ret_error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    *ret_certificate = STEAL(certificate);
    return STATUS_OK;
}

void certificate_free(struct certificate *certificate)
{
    if (certificate != NULL) {
        sk_X509_pop_free(certificate->chain, X509_free);
        pem_file_finish(&certificate->file);
        free(certificate);
    }
}

void certificate_free_at(struct certificate **certificate)
{
    certificate_free(*certificate);
}

const char *certificate_pem(const struct certificate *certificate)
{
    return certificate->file.text;
}

const char *certificate_path(const struct certificate *certificate)
{
    return certificate->file.path;
}

static int64_t seconds_of(const ASN1_TIME *when)
{
    struct tm parts;
    return ASN1_TIME_to_tm(when, &parts) == 1 ? (int64_t)timegm(&parts) : 0;
}

static void write_date(int64_t unix_seconds, char ret_words[CERTIFICATE_DATE_MAX])
{
    time_t seconds = (time_t)unix_seconds;
    struct tm parts;
    gmtime_r(&seconds, &parts);
    strftime(ret_words, CERTIFICATE_DATE_MAX, "%Y-%m-%d %H:%M:%S UTC", &parts);
}

int64_t certificate_expires(const struct certificate *certificate)
{
    return seconds_of(X509_get0_notAfter(first_of(certificate)));
}

void certificate_expires_words(
    const struct certificate *certificate, char ret_words[CERTIFICATE_DATE_MAX])
{
    write_date(certificate_expires(certificate), ret_words);
}

enum status certificate_check_dates(
    const struct certificate *certificate, int64_t unix_seconds, struct error *ret_error)
{
    char words[CERTIFICATE_DATE_MAX];
    int64_t begins = seconds_of(X509_get0_notBefore(first_of(certificate)));
    if (unix_seconds > certificate_expires(certificate)) {
        certificate_expires_words(certificate, words);
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "%s: the certificate has expired, on %s; have a new one made", certificate->file.path,
            words);
    }
    if (unix_seconds < begins) {
        write_date(begins, words);
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "%s: the certificate is not valid before %s; is this machine's clock right?",
            certificate->file.path, words);
    }
    return STATUS_OK;
}

enum status certificate_check_authorities(
    const struct certificate *certificate, struct error *ret_error)
{
    for (int i = 0; i < sk_X509_num(certificate->chain); i++) {
        if (X509_check_ca(sk_X509_value(certificate->chain, i)) == 0) {
            return error_set(ret_error, STATUS_INVALID_ARGUMENT,
                "%s: certificate %d in it is not an authority's (CA:TRUE is missing), so it cannot "
                "have signed others",
                certificate->file.path, i + 1);
        }
    }
    return STATUS_OK;
}

static bool is_verified(X509_STORE *store, X509_STORE_CTX *attempt,
    const struct certificate *certificate, const struct certificate *authorities)
{
    for (int i = 0; i < sk_X509_num(authorities->chain); i++) {
        if (X509_STORE_add_cert(store, sk_X509_value(authorities->chain, i)) != 1) {
            return false;
        }
    }
    /* An intermediate authority that is trusted need not lead to a root. */
    X509_STORE_set_flags(store, X509_V_FLAG_NO_CHECK_TIME | X509_V_FLAG_PARTIAL_CHAIN);
    return X509_STORE_CTX_init(attempt, store, first_of(certificate), certificate->chain) == 1 &&
           X509_verify_cert(attempt) == 1;
}

bool certificate_is_signed_by(
    const struct certificate *certificate, const struct certificate *authorities)
{
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *attempt = X509_STORE_CTX_new();
    bool is_signed =
        store != NULL && attempt != NULL && is_verified(store, attempt, certificate, authorities);
    X509_STORE_CTX_free(attempt);
    X509_STORE_free(store);
    ERR_clear_error();
    return is_signed;
}

static enum status read_key(struct private_key *key, struct error *ret_error)
{
    const char *path = key->file.path;
    BIO *text = BIO_new_mem_buf(key->file.text, (int)key->file.len);
    if (text == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "%s: out of memory", path);
    }
    bool is_encrypted = false;
    key->key = PEM_read_bio_PrivateKey(text, NULL, pem_file_no_password, &is_encrypted);
    ERR_clear_error();
    BIO_free(text);
    if (is_encrypted) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "%s: the key is encrypted, and there is nobody to ask for its password; decrypt it "
            "(openssl pkey -in … -out …) and protect the file by its permissions",
            path);
    }
    if (key->key == NULL) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "%s: no private key in it that can be read; it must be PEM (\"-----BEGIN PRIVATE "
            "KEY-----\")",
            path);
    }
    return STATUS_OK;
}

static enum status check_mode(const struct private_key *key, struct error *ret_error)
{
    if ((key->file.mode & OTHERS_MASK) != 0) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "%s: others may read or change this key (mode %03o); run `chmod 600` on it, and think "
            "of it as known",
            key->file.path, key->file.mode);
    }
    return STATUS_OK;
}

enum status private_key_load(
    const char *path, struct private_key **ret_key, struct error *ret_error)
{
    CLEANUP(private_key_free_at) struct private_key *key = calloc(1, sizeof(*key));
    if (key == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "%s: out of memory", path);
    }
    enum status status = pem_file_read(&key->file, path, CERTIFICATE_FILE_MAX, ret_error);
    if (status == STATUS_OK) {
        status = check_mode(key, ret_error);
    }
    if (status == STATUS_OK) {
        status = read_key(key, ret_error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    *ret_key = STEAL(key);
    return STATUS_OK;
}

void private_key_free(struct private_key *key)
{
    if (key != NULL) {
        EVP_PKEY_free(key->key);
        pem_file_finish(&key->file);
        free(key);
    }
}

void private_key_free_at(struct private_key **key)
{
    private_key_free(*key);
}

const char *private_key_pem(const struct private_key *key)
{
    return key->file.text;
}

const char *private_key_path(const struct private_key *key)
{
    return key->file.path;
}

bool private_key_fits(const struct private_key *key, const struct certificate *certificate)
{
    bool fits = X509_check_private_key(first_of(certificate), key->key) == 1;
    ERR_clear_error();
    return fits;
}
