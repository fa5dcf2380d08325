#include "auth/permission.h"

struct permission_row {
    const char *word;
    enum role role;
};

static const struct permission_row ROWS[] = {
    [PERMISSION_UNSET] = {"unset", ROLE_ADMIN},
    [PERMISSION_PUBLIC] = {"public", ROLE_NONE},
    [PERMISSION_VIEW] = {"view", ROLE_VIEWER},
    [PERMISSION_REPORT] = {"report", ROLE_REQUESTER},
    [PERMISSION_WRITE] = {"write", ROLE_WRITER},
    [PERMISSION_UNBLINDED] = {"unblinded", ROLE_AUDITOR},
    [PERMISSION_STUDY] = {"study", ROLE_AUDITOR},
    [PERMISSION_ADMIN] = {"admin", ROLE_ADMIN},
};

const char *permission_word(enum permission permission)
{
    return ROWS[permission].word;
}

bool permission_is_of(enum permission permission, enum role role)
{
    return permission == PERMISSION_WRITE ? role_may_write(role) : role >= ROWS[permission].role;
}

enum role permission_role(enum permission permission)
{
    return ROWS[permission].role;
}
