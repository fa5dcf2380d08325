#include "support/rpc_tls_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rpc/transport.h"
#include "support/certificates.h"

static const char *path_of(const char *name, const char *ending)
{
    char file[64];
    snprintf(file, sizeof(file), "%s.%s", name, ending);
    return test_certificate(file);
}

static const char *copy_of(const char *name, const char *ending)
{
    return name == NULL ? NULL : strdup(path_of(name, ending));
}

static struct certificate *load(const char *name)
{
    struct certificate *certificate = NULL;
    struct error error = ERROR_NONE;
    if (name != NULL && certificate_load(path_of(name, "pem"), &certificate, &error) != STATUS_OK) {
        fprintf(stderr, "%s\n", error.text);
        exit(1);
    }
    return certificate;
}

struct rpc_tls *test_tls_new(enum rpc_tls_side side, const char *own, const char *authority)
{
    struct rpc_tls *tls = calloc(1, sizeof(*tls));
    struct rpc_tls_material *material = calloc(1, sizeof(*material));
    if (tls == NULL || material == NULL) {
        abort();
    }
    pthread_mutex_init(&material->lock, NULL);
    material->certificate = load(own);
    material->authorities = load(authority);
    tls->side = side;
    tls->material = material;
    tls->files = (struct rpc_tls_files){.certificate = copy_of(own, "pem"),
        .key = copy_of(own, "key"),
        .authorities = copy_of(authority, "pem"),
        .server_name = side == RPC_TLS_CLIENT ? strdup("localhost") : NULL};
    struct error error = ERROR_NONE;
    if (own != NULL && private_key_load(path_of(own, "key"), &material->key, &error) != STATUS_OK) {
        fprintf(stderr, "%s\n", error.text);
        exit(1);
    }
    return tls;
}
