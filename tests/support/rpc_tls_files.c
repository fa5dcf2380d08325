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
    if (tls == NULL) {
        abort();
    }
    tls->side = side;
    tls->certificate = load(own);
    tls->authorities = load(authority);
    strcpy(tls->server_name, side == RPC_TLS_CLIENT ? "localhost" : "");
    struct error error = ERROR_NONE;
    if (own != NULL && private_key_load(path_of(own, "key"), &tls->key, &error) != STATUS_OK) {
        fprintf(stderr, "%s\n", error.text);
        exit(1);
    }
    return tls;
}
