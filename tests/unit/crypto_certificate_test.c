/* What is wrong with a certificate's file is said with its name, before TLS begins. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "crypto/certificate.h"
#include "support/certificates.h"

static struct certificate *load(const char *name)
{
    struct certificate *certificate = NULL;
    struct error error = ERROR_NONE;
    assert_int_equal(certificate_load(test_certificate(name), &certificate, &error), STATUS_OK);
    assert_string_equal(error.text, "");
    return certificate;
}

/* Loading must fail with this status, the file's name and these words. */
static void expect_not_loaded(const char *path, enum status status, const char *words)
{
    struct certificate *certificate = NULL;
    struct error error = ERROR_NONE;
    assert_int_equal(certificate_load(path, &certificate, &error), status);
    assert_null(certificate);
    assert_non_null(strstr(error.text, path));
    assert_non_null(strstr(error.text, words));
}

static void expect_no_key(const char *path, const char *words)
{
    struct private_key *key = NULL;
    struct error error = ERROR_NONE;
    assert_int_equal(private_key_load(path, &key, &error), STATUS_INVALID_ARGUMENT);
    assert_null(key);
    assert_non_null(strstr(error.text, path));
    assert_non_null(strstr(error.text, words));
}

static void a_file_that_is_no_certificate_is_named(void **state)
{
    (void)state;
    expect_not_loaded("/nowhere/ca.pem", STATUS_NOT_FOUND, "no such file");
    expect_not_loaded("/tmp", STATUS_UNAVAILABLE, "is it a file");
    expect_not_loaded(test_certificate_write("empty.pem", "", 0), STATUS_INVALID_ARGUMENT, "empty");
    expect_not_loaded(
        test_certificate_write("text.pem", "hello\n", 6), STATUS_INVALID_ARGUMENT, "must be PEM");
    expect_not_loaded(
        test_certificate_write("x.der", "\x30\x82\0\0", 4), STATUS_INVALID_ARGUMENT, "binary");
    expect_not_loaded(
        test_certificate("service.key"), STATUS_INVALID_ARGUMENT, "no certificate in it");
    static const char damaged[] = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    expect_not_loaded(test_certificate_write("damaged.pem", damaged, sizeof(damaged) - 1),
        STATUS_INVALID_ARGUMENT, "certificate 1 in it is damaged");
}

static void a_file_that_is_too_long_is_refused(void **state)
{
    (void)state;
    char *text = malloc(CERTIFICATE_FILE_MAX + 1);
    assert_non_null(text);
    memset(text, '#', CERTIFICATE_FILE_MAX + 1);
    expect_not_loaded(test_certificate_write("long.pem", text, CERTIFICATE_FILE_MAX + 1),
        STATUS_INVALID_ARGUMENT, "longer than");
    expect_not_loaded(test_certificate_write("long.pem", text, CERTIFICATE_FILE_MAX),
        STATUS_INVALID_ARGUMENT, "no certificate in it");
    free(text);
}

static void a_file_that_may_not_be_read_is_named(void **state)
{
    (void)state;
    enum { NOBODY = 65534 };
    const char *path = test_certificate_write("secret.pem", "x", 1);
    assert_int_equal(chmod(path, 0), 0);
    bool is_root = geteuid() == 0; /* root reads everything */
    assert_true(!is_root || seteuid(NOBODY) == 0);
    struct certificate *certificate = NULL;
    struct error error = ERROR_NONE;
    enum status status = certificate_load(path, &certificate, &error);
    assert_true(!is_root || seteuid(0) == 0);
    assert_int_equal(status, STATUS_PERMISSION_DENIED);
    assert_non_null(strstr(error.text, path));
    assert_non_null(strstr(error.text, "may not read it"));
}

static void dates_are_checked_and_said(void **state)
{
    (void)state;
    int64_t now = (int64_t)time(NULL);
    static const struct {
        const char *name;
        const char *words; /* NULL: it is valid */
    } CASES[] = {{"service.pem", NULL}, {"soon.pem", NULL}, {"expired.pem", "has expired, on 20"},
        {"future.pem", "not valid before 20"}};
    for (size_t i = 0; i < LENGTH_OF(CASES); i++) {
        struct certificate *certificate = load(CASES[i].name);
        struct error error = ERROR_NONE;
        enum status status = certificate_check_dates(certificate, now, &error);
        assert_int_equal(status, CASES[i].words == NULL ? STATUS_OK : STATUS_INVALID_ARGUMENT);
        if (CASES[i].words != NULL) {
            assert_non_null(strstr(error.text, CASES[i].words));
            assert_non_null(strstr(error.text, CASES[i].name));
        }
        certificate_free(certificate);
    }
    struct certificate *soon = load("soon.pem");
    char words[CERTIFICATE_DATE_MAX];
    certificate_expires_words(soon, words);
    assert_int_equal(strlen(words), strlen("2026-03-01 12:00:00 UTC"));
    assert_true(certificate_expires(soon) > now + 2 * 86400);
    assert_true(certificate_expires(soon) <= now + 3 * 86400);
    /* The last second counts as valid, the next does not. */
    int64_t last = certificate_expires(soon);
    assert_int_equal(certificate_check_dates(soon, last, NULL), STATUS_OK);
    assert_int_equal(certificate_check_dates(soon, last + 1, NULL), STATUS_INVALID_ARGUMENT);
    certificate_free(soon);
}

static void an_authority_knows_whom_it_has_signed(void **state)
{
    (void)state;
    struct certificate *ca = load("ca.pem");
    struct certificate *stranger = load("other-ca.pem");
    struct certificate *service = load("service.pem");
    struct certificate *other = load("other.pem");
    struct certificate *expired = load("expired.pem");
    assert_true(certificate_is_signed_by(service, ca));
    assert_false(certificate_is_signed_by(service, stranger));
    assert_true(certificate_is_signed_by(other, stranger));
    assert_false(certificate_is_signed_by(other, ca));
    assert_true(certificate_is_signed_by(expired, ca)); /* dates are another question */
    assert_int_equal(certificate_check_authorities(ca, NULL), STATUS_OK);
    struct error error = ERROR_NONE;
    assert_int_equal(certificate_check_authorities(service, &error), STATUS_INVALID_ARGUMENT);
    assert_non_null(strstr(error.text, "not an authority's"));
    certificate_free(ca);
    certificate_free(stranger);
    certificate_free(service);
    certificate_free(other);
    certificate_free(expired);
}

static void a_key_fits_its_own_certificate_alone(void **state)
{
    (void)state;
    struct certificate *service = load("service.pem");
    struct private_key *key = NULL;
    assert_int_equal(private_key_load(test_certificate("service.key"), &key, NULL), STATUS_OK);
    assert_true(private_key_fits(key, service));
    private_key_free(key);
    assert_int_equal(private_key_load(test_certificate("client.key"), &key, NULL), STATUS_OK);
    assert_false(private_key_fits(key, service));
    private_key_free(key);
    certificate_free(service);
}

static void a_key_that_is_encrypted_or_none_is_named(void **state)
{
    (void)state;
    expect_no_key(test_certificate("service.pem"), "no private key in it");
    static const char encrypted[] = "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"
                                    "DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\n"
                                    "AAAAAAAAAAAAAAAAAAAAAA==\n-----END EC PRIVATE KEY-----\n";
    expect_no_key(test_certificate_write("encrypted.key", encrypted, sizeof(encrypted) - 1),
        "the key is encrypted");
}

static int make_certificates(void **state)
{
    (void)state;
    test_certificates_make();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_that_is_no_certificate_is_named),
        cmocka_unit_test(a_file_that_is_too_long_is_refused),
        cmocka_unit_test(a_file_that_may_not_be_read_is_named),
        cmocka_unit_test(dates_are_checked_and_said),
        cmocka_unit_test(an_authority_knows_whom_it_has_signed),
        cmocka_unit_test(a_key_fits_its_own_certificate_alone),
        cmocka_unit_test(a_key_that_is_encrypted_or_none_is_named),
    };
    return cmocka_run_group_tests(tests, make_certificates, NULL);
}
