#include "support/certificates.h"

#include <dirent.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_MAX_LEN = 512, FOLDER_MAX = 128, PATHS = 8, DAY = 24 * 60 * 60, YEAR = 365 * DAY };

static char folder[FOLDER_MAX] = "/tmp/walkie-certificates-XXXXXX";
static pid_t maker; /* a process made by fork must not remove the folder */

const char *test_certificate(const char *name)
{
    static char paths[PATHS][PATH_MAX_LEN];
    static unsigned int next;
    char *path = paths[next++ % PATHS];
    snprintf(path, PATH_MAX_LEN, "%s/%s", folder, name);
    return path;
}

const char *test_certificates_argument(const char *url)
{
    static char argument[PATH_MAX_LEN];
    snprintf(argument, sizeof(argument), "%s %s", url, folder);
    return argument;
}

bool test_certificates_use(char *argument)
{
    char *blank = strchr(argument, ' ');
    if (blank == NULL) {
        return false;
    }
    *blank = '\0';
    snprintf(folder, sizeof(folder), "%s", blank + 1);
    return true;
}

static void require(int is_well, const char *what)
{
    if (!is_well) {
        fprintf(stderr, "certificates: %s\n", what);
        exit(1);
    }
}

static FILE *create(const char *name)
{
    FILE *file = fopen(test_certificate(name), "we");
    require(file != NULL && fchmod(fileno(file), 0600) == 0, name);
    return file;
}

const char *test_certificate_write(const char *name, const void *data, size_t len)
{
    FILE *file = create(name);
    require(fwrite(data, 1, len, file) == len, name);
    fclose(file);
    return test_certificate(name);
}

struct signer {
    X509 *certificate;
    EVP_PKEY *key;
};

static void add_extension(X509 *certificate, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    require(extension != NULL && X509_add_ext(certificate, extension, -1) == 1, value);
    X509_EXTENSION_free(extension);
}

/* Takes the key. `issuer` NULL: it signs itself and is an authority. Times are seconds from now. */
static struct signer make_for(EVP_PKEY *key, const char *name, const char *dns_name,
    const struct signer *issuer, long begins, long ends)
{
    static long serial = 1;
    struct signer made = {X509_new(), key};
    require(made.certificate != NULL && made.key != NULL, "no memory");
    X509_set_version(made.certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made.certificate), serial++);
    X509_gmtime_adj(X509_getm_notBefore(made.certificate), begins);
    X509_gmtime_adj(X509_getm_notAfter(made.certificate), ends);
    X509_NAME *subject = X509_get_subject_name(made.certificate);
    X509_NAME_add_entry_by_txt(
        subject, "CN", MBSTRING_ASC, (const unsigned char *)dns_name, -1, -1, 0);
    const struct signer *signer = issuer == NULL ? &made : issuer;
    X509_set_issuer_name(made.certificate, X509_get_subject_name(signer->certificate));
    X509_set_pubkey(made.certificate, made.key);
    if (issuer == NULL) {
        add_extension(made.certificate, NID_basic_constraints, "critical,CA:TRUE");
    } else {
        char alternative[PATH_MAX_LEN];
        snprintf(alternative, sizeof(alternative), "DNS:%s", dns_name);
        add_extension(made.certificate, NID_subject_alt_name, alternative);
    }
    require(X509_sign(made.certificate, signer->key, EVP_sha256()) > 0, "cannot sign");
    char file_name[PATH_MAX_LEN];
    snprintf(file_name, sizeof(file_name), "%s.pem", name);
    FILE *file = create(file_name);
    PEM_write_X509(file, made.certificate);
    fclose(file);
    snprintf(file_name, sizeof(file_name), "%s.key", name);
    file = create(file_name);
    PEM_write_PrivateKey(file, made.key, NULL, NULL, 0, NULL, NULL);
    fclose(file);
    return made;
}

static struct signer make(
    const char *name, const char *dns_name, const struct signer *issuer, long begins, long ends)
{
    return make_for(EVP_EC_gen("P-256"), name, dns_name, issuer, begins, ends);
}

static void discard(struct signer signer)
{
    X509_free(signer.certificate);
    EVP_PKEY_free(signer.key);
}

static void remove_folder(void)
{
    if (getpid() != maker) {
        return;
    }
    DIR *entries = opendir(folder);
    struct dirent *entry;
    while (entries != NULL && (entry = readdir(entries)) != NULL) {
        unlink(test_certificate(entry->d_name));
    }
    if (entries != NULL) {
        closedir(entries);
    }
    rmdir(folder);
}

void test_certificates_make(void)
{
    require(mkdtemp(folder) != NULL, "no folder for them");
    maker = getpid();
    atexit(remove_folder);
    struct signer ca = make("ca", "Walkie test authority", NULL, -DAY, YEAR);
    struct signer stranger = make("other-ca", "A strange authority", NULL, -DAY, YEAR);
    discard(make("service", "localhost", &ca, -DAY, YEAR));
    discard(make("client", "api-gateway", &ca, -DAY, YEAR));
    discard(make("other", "localhost", &stranger, -DAY, YEAR));
    discard(make("misnamed", "elsewhere.example", &ca, -DAY, YEAR));
    discard(make("expired", "localhost", &ca, -2L * DAY, -DAY));
    discard(make("future", "localhost", &ca, DAY, YEAR));
    discard(make("soon", "localhost", &ca, -DAY, 3L * DAY));
    discard(make_for(
        EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), "edwards", "localhost", &ca, -DAY, YEAR));
    discard(ca);
    discard(stranger);
}
