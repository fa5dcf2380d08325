#include "auth/authenticator.h"

#include <pthread.h>
#include <stdlib.h>

#include "auth/authorization.h"
#include "auth/jwt.h"
#include "auth/jwt_cache.h"
#include "auth/token.h"
#include "auth/token_file.h"
#include "base/clock.h"
#include "obs/log.h"

/* What was read at one time; counted, since a reload takes it away under requests. */
struct proofs {
    _Atomic int n_holders;
    struct token_file *tokens; /* NULL: none */
    struct jwks *jwks;         /* NULL: none */
    struct jwt_cache *cache;   /* of what was checked with these keys */
};

struct authenticator {
    struct authenticator_options options;
    pthread_mutex_t mutex; /* guards the pointer */
    struct proofs *proofs;
};

static void proofs_unref(struct proofs *proofs)
{
    if (proofs != NULL && atomic_fetch_sub(&proofs->n_holders, 1) == 1) {
        token_file_free(proofs->tokens);
        jwks_free(proofs->jwks);
        jwt_cache_free(proofs->cache);
        free(proofs);
    }
}

static void proofs_unref_at(struct proofs **proofs)
{
    proofs_unref(*proofs);
}

static struct proofs *proofs_of(struct authenticator *authenticator)
{
    pthread_mutex_lock(&authenticator->mutex);
    struct proofs *proofs = authenticator->proofs;
    atomic_fetch_add_explicit(&proofs->n_holders, 1, memory_order_relaxed);
    pthread_mutex_unlock(&authenticator->mutex);
    return proofs;
}

static enum status load(const struct authenticator_options *options, struct proofs **ret_proofs,
    struct error *ret_error)
{
    CLEANUP(proofs_unref_at) struct proofs *proofs = calloc(1, sizeof(*proofs));
    if (proofs == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    atomic_init(&proofs->n_holders, 1);
    enum status status = STATUS_OK;
    if (options->tokens_path != NULL) {
        status = token_file_load(options->tokens_path, &proofs->tokens, ret_error);
    }
    if (status == STATUS_OK && options->jwks_path != NULL) {
        status = jwks_load(options->jwks_path, &proofs->jwks, ret_error);
        proofs->cache = jwt_cache_new();
        if (status == STATUS_OK && proofs->cache == NULL) {
            status = error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
        }
    }
    if (status == STATUS_OK) {
        *ret_proofs = STEAL(proofs);
    }
    return status;
}

enum status authenticator_new(const struct authenticator_options *options,
    struct authenticator **ret_authenticator, struct error *ret_error)
{
    struct authenticator *authenticator = calloc(1, sizeof(*authenticator));
    if (authenticator == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    authenticator->options = *options;
    enum status status = load(options, &authenticator->proofs, ret_error);
    if (status != STATUS_OK) {
        free(authenticator);
        return status;
    }
    pthread_mutex_init(&authenticator->mutex, NULL);
    *ret_authenticator = authenticator;
    return STATUS_OK;
}

void authenticator_free(struct authenticator *authenticator)
{
    if (authenticator != NULL) {
        proofs_unref(authenticator->proofs);
        pthread_mutex_destroy(&authenticator->mutex);
        free(authenticator);
    }
}

void authenticator_reload(struct authenticator *authenticator)
{
    struct proofs *proofs = NULL;
    struct error error = ERROR_NONE;
    if (load(&authenticator->options, &proofs, &error) != STATUS_OK) {
        LOG_ERROR("auth.reload_failed", NULL, log_str("error", error.text));
        return;
    }
    LOG_INFO("auth.reload", NULL,
        log_u64("tokens", proofs->tokens == NULL ? 0 : token_file_count(proofs->tokens)),
        log_u64("keys", proofs->jwks == NULL ? 0 : jwks_count(proofs->jwks)));
    pthread_mutex_lock(&authenticator->mutex);
    struct proofs *old = authenticator->proofs;
    authenticator->proofs = proofs;
    pthread_mutex_unlock(&authenticator->mutex);
    proofs_unref(old);
}

static enum status check_jwt(const struct authenticator *authenticator, const struct proofs *proofs,
    struct bytes token, int64_t now_s, bool may_verify, struct identity **ret_identity,
    struct error *ret_error)
{
    uint8_t hash[SHA256_LEN];
    if (!token_hash(token, hash)) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    struct identity *known = jwt_cache_find(proofs->cache, hash, now_s);
    if (known != NULL) {
        *ret_identity = known;
        return STATUS_OK;
    }
    if (!may_verify) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED,
            "too many requests without a good token came from this address");
    }
    struct claims claims;
    enum status status =
        jwt_check(proofs->jwks, token, &authenticator->options.claims, now_s, &claims, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    struct identity *identity = identity_new(IDENTITY_JWT, claims.name, claims.authority);
    if (identity == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    jwt_cache_put(proofs->cache, hash, identity, claims.expires_s);
    *ret_identity = identity;
    return STATUS_OK;
}

enum status authenticator_check(struct authenticator *authenticator, const char *header,
    int64_t now_s, bool may_verify, struct identity **ret_identity, struct error *ret_error)
{
    struct bytes token = {NULL, 0};
    switch (authorization_read(header, &token)) {
    case AUTHORIZATION_ABSENT:
        return error_set(
            ret_error, STATUS_UNAUTHENTICATED, "a token is needed: Authorization: Bearer TOKEN");
    case AUTHORIZATION_OTHER:
        return error_set(
            ret_error, STATUS_UNAUTHENTICATED, "Authorization: only the scheme Bearer is known");
    case AUTHORIZATION_MALFORMED:
        return error_set(ret_error, STATUS_UNAUTHENTICATED,
            "Authorization: Bearer and one token of at most %d bytes are wanted",
            AUTHORIZATION_TOKEN_MAX);
    case AUTHORIZATION_BEARER:
        break;
    }
    CLEANUP(proofs_unref_at) struct proofs *proofs = proofs_of(authenticator);
    if (proofs->jwks != NULL && jwt_has_shape(token)) {
        return check_jwt(authenticator, proofs, token, now_s, may_verify, ret_identity, ret_error);
    }
    if (proofs->tokens == NULL) {
        return error_set(ret_error, STATUS_UNAUTHENTICATED, "the token is not known here");
    }
    return token_file_find(proofs->tokens, token, now_s, ret_identity, ret_error);
}

int64_t authenticator_now_s(void)
{
    return clock_epoch_us() / 1000000;
}
