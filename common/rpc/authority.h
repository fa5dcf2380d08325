/* What a caller may: a role and the sites that it holds for, in the one spelling that both services
 * read. It travels as the call's RPC_METADATA_SCOPE, which is signed (rpc/interceptor_auth.h) and a
 * part of single flight's key.
 *
 *     struct authority authority;                              "auditor 101,AA-1:*"
 *     if (!authority_parse(scope, &authority)) { … }
 *     if (authority.role < ROLE_AUDITOR || !authority_covers(&authority, study, site_no)) { … }
 *
 * Sites are entries with commas between: `*` (all), `101` (of any study), `AA-1:101`, `AA-1:*` (a
 * whole study). What would not be one word is written %XX: `CN%2001`.
 *
 * Not here: who somebody is (api-gateway/auth), what a route or a method asks for. */
#ifndef WALKIE_RPC_AUTHORITY_H
#define WALKIE_RPC_AUTHORITY_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "rpc/metadata.h"

/* Each may all that the ones before it may, but for writing: an auditor shall not have touched what
 * it judges, and who writes need not know who takes what (role_may_write). */
enum role {
    ROLE_NONE,
    ROLE_VIEWER,    /* lists, centers, its own traces */
    ROLE_REQUESTER, /* reports, blinded */
    ROLE_WRITER,    /* writes: responses of patients, queries */
    ROLE_AUDITOR,   /* unblinded reports; a whole study, where its sites are all of them */
    ROLE_ADMIN,     /* everybody's operations, traces and calls */
};

enum { AUTHORITY_TEXT_MAX = RPC_METADATA_VALUE_MAX }; /* bytes of the text, with a NUL */

/* A borrowed view of a text. */
struct authority {
    enum role role;
    struct bytes sites; /* checked entries */
};

/* "viewer" … "admin"; "none". */
const char *role_word(enum role role);
/* Whether it may change what is in the databases: writers and admins may. */
bool role_may_write(enum role role);
/* False: no role has that name. */
MUST_USE bool role_parse(struct bytes word, enum role *ret_role);

/* Whether the text is "ROLE SITES" in the spelling above. *ret_authority borrows it. */
MUST_USE bool authority_parse(struct bytes text, struct authority *ret_authority);

/* Whether `sites` is a list as above: not empty, no empty entry. */
MUST_USE bool authority_check_sites(struct bytes sites);

/* Whether a site is within. `study` "": the site of whichever study has it. */
bool authority_covers(const struct authority *authority, const char *study, const char *site_no);

/* Whether it may turn out to be, where the study is not known yet: as above, and with `study` ""
 * the site of any study will do. */
bool authority_may_cover(const struct authority *authority, const char *study, const char *site_no);

/* Whether all sites of a study are within. */
bool authority_covers_study(const struct authority *authority, const char *study);

/* Whether all there is is within. */
bool authority_covers_all(const struct authority *authority);

#endif
