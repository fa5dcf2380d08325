#include "auth/identity.h"

#include <stdlib.h>
#include <string.h>

struct identity *identity_new(enum identity_means means, const char *name, const char *authority)
{
    size_t name_size = strlen(name) + 1;
    size_t text_size = strlen(authority) + 1;
    struct identity *identity = malloc(sizeof(*identity) + name_size + text_size);
    if (identity == NULL) {
        return NULL;
    }
    atomic_init(&identity->n_holders, 1);
    identity->means = means;
    identity->name = memcpy(identity->room, name, name_size);
    identity->text = memcpy(identity->room + name_size, authority, text_size);
    if (!authority_parse(bytes_of(identity->text), &identity->authority)) {
        free(identity);
        return NULL;
    }
    return identity;
}

struct identity *identity_ref(struct identity *identity)
{
    atomic_fetch_add_explicit(&identity->n_holders, 1, memory_order_relaxed);
    return identity;
}

void identity_unref(struct identity *identity)
{
    if (identity != NULL && atomic_fetch_sub(&identity->n_holders, 1) == 1) {
        free(identity);
    }
}

const char *identity_means_word(enum identity_means means)
{
    switch (means) {
    case IDENTITY_TOKEN:
        return "token";
    case IDENTITY_JWT:
        return "jwt";
    }
    return "none";
}
