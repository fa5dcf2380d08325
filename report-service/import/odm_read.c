/* The elements of ODM 1.3: one table says which are read, by whom, and where they may stand. What
 * the table does not name is either passed over (known, but of no use to a report) or wrong. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "import/odm_internal.h"

static const char ODM_SPACE[] = "http://www.cdisc.org/ns/odm/v1.3";
static const char ODM_SPACE_STEM[] = "http://www.cdisc.org/ns/odm/";

struct odm_row {
    const char *parent;
    const char *name; /* "ItemData*": everything that begins so */
    odm_fn *start;
    odm_fn *end;
    bool has_text;
};

#define AUDITED(parent)                                                                            \
    {                                                                                              \
        parent, "AuditRecord", odm_start_audit, odm_end_audit, false                               \
    }
#define SIGNED(parent)                                                                             \
    {                                                                                              \
        parent, "Signature", odm_start_signature, odm_end_signature, false                         \
    }

static const struct odm_row ROWS[] = {
    {"", "ODM", odm_start_root, NULL, false},
    {"ODM", "Study", odm_start_study, odm_end_study, false},
    {"Study", "GlobalVariables", NULL, NULL, false},
    {"GlobalVariables", "StudyName", NULL, odm_end_study_name, true},
    {"GlobalVariables", "StudyDescription", NULL, odm_end_study_description, true},
    {"GlobalVariables", "ProtocolName", NULL, odm_end_protocol_name, true},
    {"Study", "BasicDefinitions", NULL, NULL, false},
    {"BasicDefinitions", "MeasurementUnit", odm_start_unit, NULL, false},
    {"Study", "MetaDataVersion", odm_start_version, odm_end_version, false},
    {"MetaDataVersion", "Protocol", NULL, NULL, false},
    {"Protocol", "StudyEventRef", odm_start_protocol_event, NULL, false},
    {"MetaDataVersion", "StudyEventDef", odm_start_event, NULL, false},
    {"StudyEventDef", "FormRef", odm_start_form_ref, NULL, false},
    {"MetaDataVersion", "FormDef", odm_start_form, NULL, false},
    {"FormDef", "ItemGroupRef", odm_start_group_ref, NULL, false},
    {"MetaDataVersion", "ItemGroupDef", odm_start_group, NULL, false},
    {"ItemGroupDef", "ItemRef", odm_start_item_ref, NULL, false},
    {"MetaDataVersion", "ItemDef", odm_start_item, NULL, false},
    {"ItemDef", "Alias", odm_start_alias, NULL, false},
    {"ItemDef", "Question", NULL, NULL, false},
    {"Question", "TranslatedText", NULL, odm_end_question, true},
    {"ItemDef", "MeasurementUnitRef", odm_start_item_unit, NULL, false},
    {"ItemDef", "CodeListRef", odm_start_item_codes, NULL, false},
    {"ItemDef", "RangeCheck", odm_start_range_check, odm_end_range_check, false},
    {"RangeCheck", "CheckValue", NULL, odm_end_check_value, true},
    {"RangeCheck", "FormalExpression", NULL, odm_end_expression, true},
    {"RangeCheck", "ErrorMessage", NULL, NULL, false},
    {"ErrorMessage", "TranslatedText", NULL, odm_end_check_message, true},
    {"MetaDataVersion", "CodeList", odm_start_code_list, NULL, false},
    {"CodeList", "CodeListItem", odm_start_code, NULL, false},
    {"CodeList", "EnumeratedItem", odm_start_code, NULL, false},
    {"ODM", "AdminData", NULL, NULL, false},
    {"AdminData", "User", odm_start_user, NULL, false},
    {"User", "LoginName", NULL, odm_end_login, true},
    {"User", "FullName", NULL, odm_end_full_name, true},
    {"User", "DisplayName", NULL, odm_end_display_name, true},
    {"User", "FirstName", NULL, odm_end_first_name, true},
    {"User", "LastName", NULL, odm_end_last_name, true},
    {"User", "LocationRef", NULL, NULL, false}, /* who works where: records say it again */
    {"AdminData", "Location", odm_start_location, NULL, false},
    {"AdminData", "SignatureDef", odm_start_signature_def, NULL, false},
    {"ODM", "ClinicalData", odm_start_clinical, NULL, false},
    {"ClinicalData", "SubjectData", odm_start_subject, odm_end_subject, false},
    {"SubjectData", "SiteRef", odm_start_site_ref, NULL, false},
    {"SubjectData", "StudyEventData", odm_start_event_data, odm_end_event_data, false},
    {"StudyEventData", "FormData", odm_start_form_data, odm_end_form_data, false},
    {"FormData", "ItemGroupData", odm_start_group_data, odm_end_group_data, false},
    {"ItemGroupData", "ItemData", odm_start_item_data, odm_end_item_data, false},
    {"ItemGroupData", "ItemData*", odm_start_typed_data, odm_end_typed_data, true},
    AUDITED("SubjectData"),
    AUDITED("StudyEventData"),
    AUDITED("FormData"),
    AUDITED("ItemGroupData"),
    AUDITED("ItemData"),
    SIGNED("SubjectData"),
    SIGNED("StudyEventData"),
    SIGNED("FormData"),
    {"AuditRecord", "UserRef", odm_start_user_ref, NULL, false},
    {"AuditRecord", "LocationRef", odm_start_location_ref, NULL, false},
    {"AuditRecord", "DateTimeStamp", NULL, odm_end_stamp, true},
    {"AuditRecord", "ReasonForChange", NULL, odm_end_reason, true},
    {"Signature", "UserRef", odm_start_user_ref, NULL, false},
    {"Signature", "LocationRef", odm_start_location_ref, NULL, false},
    {"Signature", "SignatureRef", odm_start_signature_ref, NULL, false},
    {"Signature", "DateTimeStamp", NULL, odm_end_stamp, true},
    {"ClinicalData", "AuditRecords", NULL, NULL, false},
    {"AuditRecords", "AuditRecord", odm_start_stored_audit, odm_end_stored_audit, false},
};

/* Elements of ODM 1.3.2 that a report has no use for. */
static const char *const NOT_READ[] = {"Annotation", "Annotations", "Archive", "ArchiveLayout",
    "ArchiveLayoutRef", "Association", "Certificate", "CertificateRef", "City", "CodeListRef",
    "Comment", "ConditionDef", "Country", "Decode", "Description", "Email", "ExternalCodeList",
    "ExternalQuestion", "Fax", "Flag", "FlagType", "FlagValue", "ImputationMethod", "Include",
    "InvestigatorRef", "KeySet", "Meaning", "LegalReason", "MeasurementUnitRef",
    "MetaDataVersionRef", "MethodDef", "Organization", "OtherText", "Pager", "Phone", "Picture",
    "PostalCode", "Presentation", "ReferenceData", "Role", "Signatures", "SignatureRef", "SourceID",
    "StateProv", "StreetName", "Symbol", "TranslatedText", "Address", "Alias", "AuditRecord",
    "Signature"};

void odm_bad(struct odm *odm, uint64_t line, const char *format, ...)
{
    char text[COMPLAINT_TEXT_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    complain(&odm->complaints, odm->file_name, line, "%s", text);
}

void odm_fail(struct odm *odm, enum status status, const char *format, ...)
{
    char text[ERROR_TEXT_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (odm->status == STATUS_OK) {
        odm->status = error_set(&odm->error, status, "%s", text);
    }
}

void odm_fail_memory(struct odm *odm)
{
    odm_fail(odm, STATUS_RESOURCE_EXHAUSTED, "%s: out of memory, or above the limits of an import",
        odm->file_name);
}

const char *odm_attribute(const struct odm *odm, const char *name)
{
    for (size_t i = 0; i < odm->element->n_attributes; i++) {
        const struct xml_attribute *attribute = &odm->element->attributes[i];
        if (attribute->space[0] == '\0' && strcmp(attribute->name, name) == 0) {
            return attribute->value;
        }
    }
    return NULL;
}

const char *odm_required(struct odm *odm, const char *name)
{
    const char *value = odm_attribute(odm, name);
    if (value == NULL || value[0] == '\0') {
        odm_bad(odm, odm->element->line, "<%.40s> has no %s", odm->element->name, name);
        return "";
    }
    return value;
}

bool odm_is_yes(struct odm *odm, const char *name)
{
    const char *value = odm_attribute(odm, name);
    if (value != NULL && strcmp(value, "Yes") != 0 && strcmp(value, "No") != 0) {
        odm_bad(
            odm, odm->element->line, "%s=\"%.40s\": \"Yes\" or \"No\" is expected", name, value);
    }
    return value != NULL && strcmp(value, "Yes") == 0;
}

const char *odm_keep(struct odm *odm, const char *text)
{
    const char *copy = arena_copy_text(odm->arena, text);
    if (text != NULL && copy == NULL) {
        odm_fail_memory(odm);
    }
    return copy;
}

static const char *parent_name(const struct odm *odm)
{
    return odm->depth == 0 ? "" : odm->stack[odm->depth - 1]->name;
}

static bool fits(const struct odm_row *row, const char *parent, const char *name)
{
    size_t len = strlen(row->name);
    bool is_stem = row->name[len - 1] == '*';
    return (is_stem ? strncmp(row->name, name, len - 1) == 0 : strcmp(row->name, name) == 0) &&
           strcmp(row->parent, parent) == 0;
}

static const struct odm_row *find_row(const char *parent, const char *name)
{
    for (size_t i = 0; i < LENGTH_OF(ROWS); i++) {
        if (ROWS[i].name[0] == name[0] && fits(&ROWS[i], parent, name)) {
            return &ROWS[i];
        }
    }
    return NULL;
}

static bool is_unused(const char *name)
{
    for (size_t i = 0; i < LENGTH_OF(NOT_READ); i++) {
        if (strcmp(NOT_READ[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* An ODM element that has no row here: misspelt, or in a wrong place. */
static void complain_of_element(struct odm *odm, const struct xml_element *element)
{
    const char *names[LENGTH_OF(ROWS) + LENGTH_OF(NOT_READ)];
    size_t n_names = 0;
    for (size_t i = 0; i < LENGTH_OF(ROWS); i++) {
        names[n_names++] = ROWS[i].name;
        if (strcmp(ROWS[i].name, element->name) == 0) {
            odm_bad(odm, element->line, "<%s> does not belong into <%s>", element->name,
                parent_name(odm));
            return;
        }
    }
    for (size_t i = 0; i < LENGTH_OF(NOT_READ); i++) {
        names[n_names++] = NOT_READ[i];
    }
    const char *nearest = nearest_name(element->name, names, n_names);
    if (nearest != NULL) {
        odm_bad(
            odm, element->line, "unknown element <%.60s>; is <%s> meant?", element->name, nearest);
    } else {
        odm_bad(odm, element->line, "unknown element <%.60s>", element->name);
    }
}

static bool is_foreign(struct odm *odm, const struct xml_element *element)
{
    if (strcmp(element->space, ODM_SPACE) == 0) {
        return false;
    }
    if (odm->depth == 0) {
        if (strncmp(element->space, ODM_SPACE_STEM, strlen(ODM_SPACE_STEM)) == 0) {
            odm_fail(odm, STATUS_DATA_LOSS, "%s:%" PRIu64 ": ODM %.20s is not read, only 1.3 (%s)",
                odm->file_name, element->line, element->space + strlen(ODM_SPACE_STEM), ODM_SPACE);
        } else {
            odm_fail(odm, STATUS_DATA_LOSS,
                "%s:%" PRIu64 ": not an ODM file: it begins with <%.60s> of namespace \"%.80s\"",
                odm->file_name, element->line, element->name, element->space);
        }
        return true;
    }
    odm->n_foreign++;
    if (!keymap_put(odm->foreign_spaces, element->space, 1)) {
        odm_fail_memory(odm);
    }
    return true;
}

static enum status on_start(void *arg, const struct xml_element *element, struct error *ret_error)
{
    struct odm *odm = arg;
    const struct odm_row *row = NULL;
    if (odm->n_skipped == 0 && !is_foreign(odm, element)) {
        row = find_row(parent_name(odm), element->name);
        if (row == NULL && odm->depth == 0) {
            odm_fail(odm, STATUS_DATA_LOSS,
                "%s:%" PRIu64 ": not an ODM file: it begins with <%.60s>", odm->file_name,
                element->line, element->name);
        } else if (row == NULL && !is_unused(element->name)) {
            complain_of_element(odm, element);
        }
    }
    if (row == NULL) {
        odm->n_skipped++;
        return odm->status == STATUS_OK ? STATUS_OK
                                        : error_set(ret_error, odm->status, "%s", odm->error.text);
    }
    odm->stack[odm->depth++] = row;
    odm->element = element;
    odm->text_len = 0;
    if (row->start != NULL) {
        row->start(odm);
    }
    odm->element = NULL;
    return odm->status == STATUS_OK ? STATUS_OK
                                    : error_set(ret_error, odm->status, "%s", odm->error.text);
}

/* The text without the white space around it. */
static void trim_text(struct odm *odm)
{
    while (odm->text_len > 0 && strchr(" \t\r\n", odm->text[odm->text_len - 1]) != NULL) {
        odm->text_len--;
    }
    odm->text[odm->text_len] = '\0';
    size_t lead = strspn(odm->text, " \t\r\n");
    memmove(odm->text, odm->text + lead, odm->text_len - lead + 1);
    odm->text_len -= lead;
}

static enum status on_end(void *arg, uint64_t line, struct error *ret_error)
{
    struct odm *odm = arg;
    if (odm->n_skipped > 0) {
        odm->n_skipped--;
        return STATUS_OK;
    }
    const struct odm_row *row = odm->stack[odm->depth - 1];
    odm->line = line;
    trim_text(odm);
    if (row->end != NULL) {
        row->end(odm);
    }
    odm->depth--;
    odm->text_len = 0;
    return odm->status == STATUS_OK ? STATUS_OK
                                    : error_set(ret_error, odm->status, "%s", odm->error.text);
}

static enum status on_text(void *arg, const char *text, size_t len, struct error *ret_error)
{
    struct odm *odm = arg;
    (void)ret_error;
    if (odm->n_skipped == 0 && odm->depth > 0 && odm->stack[odm->depth - 1]->has_text &&
        len <= XML_TEXT_LEN_MAX - odm->text_len) {
        memcpy(odm->text + odm->text_len, text, len);
        odm->text_len += len;
    }
    return STATUS_OK;
}

const struct xml_handler ODM_HANDLER = {on_start, on_end, on_text};
