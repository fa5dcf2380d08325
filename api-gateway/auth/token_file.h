/* The file of tokens: who holds one, what it allows, and its hash; never the token itself.
 *
 *     # name  role[,role]        sites          hash                    until (optional)
 *     ana     auditor            101,AA-1:*     sha256:4f1e…:9ab0…64…   until=2027-01-01
 *
 *     status = token_file_parse(text, &tokens, &error);
 *     struct identity *who = token_file_find(tokens, token, now_s);
 *
 * Words are separated by blanks or tabs; empty lines and lines that begin with # are passed over. A
 * name may have several lines: a new token is added before the old one goes. Roles and sites are
 * spelt as in rpc/authority.h; of several roles the highest counts. `until` is the first day (UTC)
 * on which the token no longer holds. walkie-token writes such lines.
 *
 * Constant once read; shared by threads. */
#ifndef WALKIE_GATEWAY_AUTH_TOKEN_FILE_H
#define WALKIE_GATEWAY_AUTH_TOKEN_FILE_H

#include "auth/identity.h"
#include "base/error.h"

enum {
    TOKEN_FILE_LEN_MAX = 1 << 20, /* bytes */
    TOKEN_LINE_LEN_MAX = 1024,    /* bytes of a line */
    TOKENS_MAX = 4096,            /* lines with a token */
};

struct token_file;

/* Read a text. Errors: INVALID_ARGUMENT ("line 3: …"), RESOURCE_EXHAUSTED. */
MUST_USE enum status token_file_parse(
    struct bytes text, struct token_file **ret_tokens, struct error *ret_error);

/* Read a file that nobody else may read (mode 600). Blocks for as long as the disk takes. Errors:
 * those, and secret_file_read's (crypto/secret_file.h); the text begins with the path. */
MUST_USE enum status token_file_load(
    const char *path, struct token_file **ret_tokens, struct error *ret_error);

void token_file_free(struct token_file *tokens); /* accepts NULL */

size_t token_file_count(const struct token_file *tokens);

/* Whom a token belongs to at this time (seconds since 1970): counted, the caller's to
 * identity_unref. The hashes are compared in constant time. Errors: UNAUTHENTICATED (not known, or
 * its time is over: the text says which), RESOURCE_EXHAUSTED. */
MUST_USE enum status token_file_find(const struct token_file *tokens, struct bytes token,
    int64_t now_s, struct identity **ret_identity, struct error *ret_error);

/* Whether a name can be a principal's: visible UTF-8, without blanks, up to IDENTITY_NAME_MAX. */
bool token_file_check_name(struct bytes name);

/* "2027-01-01" in seconds since 1970. False: no such day. */
bool token_file_read_day(struct bytes text, int64_t *ret_s);

#endif
