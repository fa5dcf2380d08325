/* Audit records and signatures: inside of what they are about, or in a section of their own that
 * typed items refer to by ID. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "import/odm_internal.h"
#include "schema/calendar.h"

const struct odm_audit *odm_audit_of(const struct odm *odm, int level)
{
    for (int at = level; at > ODM_SUBJECT; at--) {
        if (odm->places[at].audit.at != 0 || odm->places[at].audit.ref != 0) {
            return &odm->places[at].audit;
        }
    }
    return &odm->places[ODM_SUBJECT].audit;
}

void odm_start_audit(struct odm *odm)
{
    odm->pending = (struct odm_audit){0};
    odm->pending_line = odm->element->line;
}

/* An audit record without user or stamp says nothing that a trail could hold. */
static bool is_whole(struct odm *odm, const char *what)
{
    if (odm->pending.at == 0) {
        odm_bad(odm, odm->pending_line, "<%s> has no DateTimeStamp", what);
    }
    if (odm->pending.user == 0) {
        odm_bad(odm, odm->pending_line, "<%s> has no UserRef", what);
    }
    return odm->pending.at != 0 && odm->pending.user != 0;
}

void odm_end_audit(struct odm *odm)
{
    if (is_whole(odm, "AuditRecord") && odm->level < ODM_LEVELS) {
        odm->places[odm->level].audit = odm->pending;
    }
}

void odm_start_signature(struct odm *odm)
{
    odm_start_audit(odm);
}

void odm_end_signature(struct odm *odm)
{
    if (is_whole(odm, "Signature") && odm->level < ODM_LEVELS) {
        struct odm_place *place = &odm->places[odm->level];
        place->is_signature = true;
        place->signed_at = odm->pending.at;
        place->signed_by = odm->pending.user;
    }
}

void odm_start_user_ref(struct odm *odm)
{
    const char *oid = odm_required(odm, "UserOID");
    int64_t number = odm_index_find(&odm->users, oid);
    if (number >= 0) {
        odm->pending.user = odm->users.items[number]->id;
    } else if (oid[0] != '\0') {
        odm_bad(odm, odm->element->line, "User \"%.60s\" is not defined", oid);
        odm->pending.user = 1; /* told once is enough */
    }
}

void odm_start_location_ref(struct odm *odm)
{
    const char *oid = odm_required(odm, "LocationOID");
    if (oid[0] != '\0' && odm_index_find(&odm->locations, oid) < 0) {
        odm_bad(odm, odm->element->line, "Location \"%.60s\" is not defined", oid);
    }
}

void odm_start_signature_ref(struct odm *odm)
{
    const char *oid = odm_required(odm, "SignatureOID");
    if (oid[0] != '\0' && odm_index_find(&odm->signatures, oid) < 0) {
        odm_bad(odm, odm->element->line, "SignatureDef \"%.60s\" is not defined", oid);
    }
}

void odm_end_stamp(struct odm *odm)
{
    if (!calendar_parse_instant(odm->text, &odm->pending.at) || odm->pending.at <= 0) {
        odm_bad(odm, odm->line, "DateTimeStamp \"%.40s\" is no date and time", odm->text);
        odm->pending.at = 1;
    }
}

void odm_end_reason(struct odm *odm)
{
    if (odm->text_len >= sizeof(odm->pending.reason)) {
        odm_bad(odm, odm->line, "a ReasonForChange of more than %d bytes", ODM_REASON_MAX - 1);
        return;
    }
    memcpy(odm->pending.reason, odm->text, odm->text_len + 1);
}

/* --- the AuditRecords section --------------------------------------------------------------- */

int64_t odm_audit_number(struct odm *odm, const char *id)
{
    int64_t number;
    if (keymap_get(odm->audit_map, id, &number)) {
        return number;
    }
    if (odm->n_audits == ODM_AUDITS_MAX) {
        odm_fail(odm, STATUS_RESOURCE_EXHAUSTED, "%s: more than %d audit records that have an ID",
            odm->file_name, ODM_AUDITS_MAX);
        return -1;
    }
    if (odm->n_audits == odm->n_audits_max) {
        size_t n_max = odm->n_audits_max == 0 ? 256 : odm->n_audits_max * 2;
        struct odm_stored_audit *audits = realloc(odm->audits, n_max * sizeof(*audits));
        if (audits == NULL) {
            odm_fail_memory(odm);
            return -1;
        }
        odm->audits = audits;
        odm->n_audits_max = n_max;
    }
    number = (int64_t)odm->n_audits++;
    odm->audits[number] = (struct odm_stored_audit){0};
    if (!keymap_put(odm->audit_map, id, number)) {
        odm_fail_memory(odm);
        return -1;
    }
    return number;
}

void odm_start_stored_audit(struct odm *odm)
{
    odm_start_audit(odm);
    odm->audit_id = odm_keep(odm, odm_required(odm, "ID"));
}

void odm_end_stored_audit(struct odm *odm)
{
    int64_t number = odm->audit_id == NULL ? -1 : odm_audit_number(odm, odm->audit_id);
    if (number >= 0 && odm->audits[number].at != 0) {
        odm_bad(odm, odm->line, "AuditRecord \"%.60s\" is there twice", odm->audit_id);
    } else if (is_whole(odm, "AuditRecord") && number >= 0) {
        struct odm_stored_audit *stored = &odm->audits[number];
        stored->at = odm->pending.at;
        stored->user = odm->pending.user;
        stored->reason = odm->pending.reason[0] == '\0' ? NULL : odm_keep(odm, odm->pending.reason);
    }
    odm->audit_id = NULL;
}

void odm_check_audits(struct odm *odm)
{
    for (size_t i = 0; i < odm->n_audits; i++) {
        if (odm->audits[i].at == 0) {
            odm_bad(odm, odm->audits[i].line, "the AuditRecord that is referred to is not there");
        }
    }
}
