/* Users, locations and kinds of signature. */
#include <string.h>

#include "import/odm_internal.h"

/* ODM knows four kinds of users; who else works on the data has no word of its own there. */
static const char *role_of(struct odm *odm, const char *type)
{
    static const struct {
        const char *type;
        const char *role;
    } ROLES[] = {{"Investigator", "investigator"}, {"Sponsor", "data_manager"}, {"Lab", "system"},
        {"Other", "coordinator"}};
    for (size_t i = 0; type != NULL && i < LENGTH_OF(ROLES); i++) {
        if (strcmp(ROLES[i].type, type) == 0) {
            return ROLES[i].role;
        }
    }
    if (type != NULL) {
        odm_bad(odm, odm->element->line, "UserType=\"%.40s\" is none of ODM 1.3", type);
    }
    return "coordinator";
}

static struct odm_user *user_of(const struct odm *odm)
{
    return (struct odm_user *)odm->current;
}

void odm_start_user(struct odm *odm)
{
    const char *role = role_of(odm, odm_attribute(odm, "UserType"));
    struct odm_user *user = odm_index_define(odm, &odm->users, sizeof(*user), "User");
    if (user != NULL) {
        user->role = role;
        user->base.id = dataset_key(odm->dataset, TABLE_APP_USER);
    }
}

void odm_end_login(struct odm *odm)
{
    if (user_of(odm) != NULL) {
        user_of(odm)->login = odm_keep(odm, odm->text);
    }
}

void odm_end_full_name(struct odm *odm)
{
    if (user_of(odm) != NULL) {
        user_of(odm)->full_name = odm_keep(odm, odm->text);
    }
}

void odm_end_display_name(struct odm *odm)
{
    if (user_of(odm) != NULL && user_of(odm)->full_name == NULL) {
        user_of(odm)->full_name = odm_keep(odm, odm->text);
    }
}

void odm_end_first_name(struct odm *odm)
{
    if (user_of(odm) != NULL) {
        user_of(odm)->first_name = odm_keep(odm, odm->text);
    }
}

void odm_end_last_name(struct odm *odm)
{
    if (user_of(odm) != NULL) {
        user_of(odm)->last_name = odm_keep(odm, odm->text);
    }
}

void odm_start_location(struct odm *odm)
{
    const char *type = odm_attribute(odm, "LocationType");
    struct odm_location *location =
        odm_index_define(odm, &odm->locations, sizeof(*location), "Location");
    if (location != NULL) {
        location->is_site = type != NULL && strcmp(type, "Site") == 0;
    }
}

void odm_start_signature_def(struct odm *odm)
{
    (void)odm_index_define(odm, &odm->signatures, sizeof(struct odm_definition), "SignatureDef");
}
