/* What the odm_*.c files share during one import. One thread. */
#ifndef WALKIE_IMPORT_ODM_INTERNAL_H
#define WALKIE_IMPORT_ODM_INTERNAL_H

#include "base/arena.h"
#include "import/complaints.h"
#include "import/input_file.h"
#include "import/keymap.h"
#include "import/odm.h"
#include "import/odm_map.h"
#include "import/progress.h"
#include "import/sorter.h"
#include "import/xml_stream.h"

enum {
    ODM_REASON_MAX = 4096,
    ODM_RANGE_CHECKS_MAX = 32,       /* of one item */
    ODM_REPEAT_NUMBER_MAX = 1000000, /* keys above it, and keys that are no numbers, are texts */
};

/* The reader's version: a digest of another one is another import. */
#define ODM_READER "odm/2:"

/* --- definitions ---------------------------------------------------------------------------- */

/* What has an OID. The first member of everything that is defined. */
struct odm_definition {
    const char *oid;
    const char *name;
    uint64_t line;
    int version; /* the number of its MetaDataVersion: defined twice in one is an error */
    int64_t id;  /* of its row; 0: none yet */
};

struct odm_reference {
    struct odm_reference *next;
    const char *oid;
    uint64_t line;
    bool is_mandatory;
};

struct odm_references {
    struct odm_reference *first;
    struct odm_reference *last;
};

struct odm_event_def {
    struct odm_definition base;
    bool is_repeating;
    int64_t ordinal; /* from the protocol; 0: not in it */
    struct odm_references forms;
};

struct odm_form_def {
    struct odm_definition base;
    struct odm_references groups;
    size_t first_field; /* in odm->fields: its items stand one after the other */
    size_t n_fields;
};

struct odm_group_def {
    struct odm_definition base;
    struct odm_references items;
    bool is_repeating;
};

struct odm_check_value {
    struct odm_check_value *next;
    const char *text;
};

struct odm_range_check {
    struct odm_range_check *next;
    const char *comparator;         /* NULL: only an expression */
    struct odm_check_value *values; /* NULL: only an expression */
    struct odm_check_value *last_value;
    const char *expression;
    const char *message;
    bool is_soft;
};

struct odm_item_def {
    struct odm_definition base;
    const char *data_type;
    const char *question;
    const char *unit_oid;
    const char *code_list_oid;
    enum odm_field_kind kind;
    struct odm_range_check *checks;
    struct odm_range_check *last_check;
    int n_checks;
};

struct odm_code_list {
    struct odm_definition base;
    const char *codes; /* "1,2,3" */
};

struct odm_user {
    struct odm_definition base;
    const char *role;
    const char *login;
    const char *full_name;
    const char *first_name;
    const char *last_name;
};

struct odm_location {
    struct odm_definition base;
    bool is_site;
    int64_t ctms_id;
};

/* An item at its place in a form: a row of item_def. */
struct odm_field {
    int64_t id;
    const struct odm_item_def *item;
    bool is_mandatory;
};

struct odm_written_check; /* odm_checks.c */
struct odm_refused_check;

/* Definitions by OID, numbered in the order of the file. */
struct odm_index {
    struct keymap *map; /* OID -> number */
    struct odm_definition **items;
    size_t n_items;
    size_t n_items_max;
};

/* --- clinical data -------------------------------------------------------------------------- */

enum odm_level { ODM_SUBJECT, ODM_EVENT, ODM_FORM, ODM_GROUP, ODM_ITEM, ODM_LEVELS };

enum odm_transaction {
    ODM_UNSAID,
    ODM_INSERT,
    ODM_UPDATE,
    ODM_REMOVE,
    ODM_UPSERT,
    ODM_CONTEXT,
};

struct odm_audit {
    int64_t at;   /* 0: no record */
    int64_t user; /* key of app_user */
    int64_t ref;  /* number of the record that is meant, + 1; 0: none */
    char reason[ODM_REASON_MAX];
};

/* The elements that enclose what is being read. */
struct odm_place {
    bool is_good; /* false within an element whose OID or key was wrong: nothing is taken */
    enum odm_transaction transaction;
    int64_t number; /* of subject, definition or field */
    int64_t repeat;
    struct odm_audit audit;
    bool is_signature; /* it is signed */
    int64_t signed_at;
    int64_t signed_by;
};

struct odm_subject {
    const char *key;
    struct odm_location *location; /* NULL: no SiteRef yet */
    uint64_t line;
};

/* An audit record of the AuditRecords section. */
struct odm_stored_audit {
    int64_t at; /* 0: referred to, not defined */
    int64_t user;
    const char *reason;
    uint64_t line; /* of the first reference */
};

enum odm_record_kind { ODM_RECORD_ITEM, ODM_RECORD_CONTAINER, ODM_RECORD_SIGNATURE };

/* What goes through the sorter; followed by reason and value without their NULs. */
struct odm_record {
    int64_t at;
    int64_t user;
    int64_t ref;
    uint64_t line;
    int32_t event;
    int32_t event_repeat;
    int32_t form;
    int32_t form_repeat;
    int32_t group;
    int32_t group_repeat;
    int32_t field;
    uint32_t reason_len;
    uint32_t value_len;
    uint8_t kind;
    uint8_t level; /* of a container or signature */
    uint8_t transaction;
    uint8_t is_null;
};

struct odm_row; /* of the table of elements, odm_read.c */

struct odm {
    const struct ctx *ctx;
    const struct odm_options *options;
    const char *file_name;
    struct dataset *dataset;
    struct input_file *input;
    struct progress *progress;
    struct complaints complaints;
    struct arena *arena;
    enum status status; /* the first failure that ends the import */
    struct error error;

    /* odm_read.c */
    const struct odm_row *stack[XML_DEPTH_MAX + 1];
    size_t depth;
    size_t n_skipped; /* depth within an element that is passed over */
    uint64_t n_foreign;
    struct keymap *foreign_spaces;
    const struct xml_element *element; /* while a start function runs */
    uint64_t line;                     /* while an end function runs */
    char text[XML_TEXT_LEN_MAX + 1];
    size_t text_len;

    /* the file */
    bool is_transactional;
    bool has_root;
    const char *file_oid;
    const char *as_of;

    /* odm_study.c */
    bool has_study;
    const char *study_oid;
    const char *study_name;
    const char *protocol_name;
    const char *study_description;
    const char *version_oid;
    int n_versions;
    struct odm_index events;
    struct odm_index forms;
    struct odm_index groups;
    struct odm_index items;
    struct odm_index code_lists;
    struct odm_index units;
    struct odm_index users;
    struct odm_index locations;
    struct odm_index signatures;
    struct keymap *version_oids;
    struct odm_references protocol_events;
    struct odm_definition *current; /* the definition that is being read */
    struct odm_range_check *check;
    struct keymap *field_map; /* "form|group|item" -> number */
    struct odm_field *fields;
    size_t n_fields;
    size_t n_fields_max;
    struct odm_written_check *written_checks; /* the last one first */
    struct odm_refused_check *refused_checks; /* the first one first */
    size_t n_refused_checks;
    bool is_defined; /* odm_define has run */

    /* odm_clinical.c */
    struct keymap *subject_map;
    struct odm_subject *subjects;
    size_t n_subjects;
    size_t n_subjects_max;
    struct keymap *repeat_keys; /* texts -> number above ODM_REPEAT_NUMBER_MAX */
    struct keymap *audit_map;   /* ID -> number in `audits` */
    struct odm_stored_audit *audits;
    size_t n_audits;
    size_t n_audits_max;
    struct odm_audit pending; /* the audit record or signature that is being read */
    uint64_t pending_line;
    const char *audit_id; /* of the record of the AuditRecords section that is being read */
    struct odm_place places[ODM_LEVELS];
    int level;         /* of the innermost element, ODM_LEVELS: none */
    bool is_item_null; /* of the ItemData that is being read */
    char value[XML_TEXT_LEN_MAX + 1];
    struct sorter *records;

    /* odm_subject.c */
    struct sorter *trail;
    uint64_t n_stamped; /* item values with an audit record */
    uint64_t n_unstamped;
    uint64_t n_signatures;
    uint64_t n_orphan_updates; /* updates of what the file did not insert */
    uint64_t n_removed_subjects;
    uint64_t n_fields_seen[ODM_FIELD_COUNT];
    uint64_t n_values;
    uint64_t n_unknown_words; /* values of a mapped item that no word is known for */
};

/* --- odm_read.c ----------------------------------------------------------------------------- */

extern const struct xml_handler ODM_HANDLER;

/* Report something wrong in the file; the reading goes on. */
void odm_bad(struct odm *odm, uint64_t line, const char *format, ...) PRINTF_LIKE(3, 4);

/* End the import. */
void odm_fail(struct odm *odm, enum status status, const char *format, ...) PRINTF_LIKE(3, 4);
void odm_fail_memory(struct odm *odm);

/* The current element's attribute without a namespace; NULL when it is not there. */
const char *odm_attribute(const struct odm *odm, const char *name);

/* The same; "" after reporting that it is missing. */
const char *odm_required(struct odm *odm, const char *name);

/* A yes/no attribute: reports other words. */
bool odm_is_yes(struct odm *odm, const char *name);

/* A copy that lives as long as the import; NULL for NULL. */
const char *odm_keep(struct odm *odm, const char *text);

/* A date that may be partial: "2024", "2024-03", "2024-03-01", with a time after a full one. The
 * date alone goes to `ret_date` (16 bytes). False: it is none. */
bool odm_parse_date(const char *text, char ret_date[16]);

/* --- odm_index.c ---------------------------------------------------------------------------- */

MUST_USE bool odm_index_init(struct odm_index *index);
void odm_index_finish(struct odm_index *index);

/* The definition of an OID, -1 when there is none. */
int64_t odm_index_find(const struct odm_index *index, const char *oid);

/* The definition of the element at hand (OID and Name), `size` bytes from the arena. A later
 * MetaDataVersion finds the one of an earlier version; twice in one version is reported. NULL: it
 * was reported, or memory has run out. */
void *odm_index_define(struct odm *odm, struct odm_index *index, size_t size, const char *what);

void odm_reference_add(
    struct odm *odm, struct odm_references *references, const char *oid, bool is_mandatory);

/* Report references that lead nowhere. */
void odm_check_references(struct odm *odm, const struct odm_references *references,
    const struct odm_index *index, const char *what);

/* --- the others ----------------------------------------------------------------------------- */

typedef void odm_fn(struct odm *odm);

/* odm_study.c, odm_item_def.c, odm_admin.c */
odm_fn odm_start_root, odm_start_study, odm_end_study_name, odm_end_study_description;
odm_fn odm_end_protocol_name, odm_start_unit, odm_start_version, odm_end_version, odm_end_study;
odm_fn odm_start_protocol_event, odm_start_event, odm_start_form_ref, odm_start_form;
odm_fn odm_start_group_ref, odm_start_group, odm_start_item_ref;
odm_fn odm_start_item, odm_start_alias, odm_end_question, odm_start_item_unit;
odm_fn odm_start_item_codes, odm_start_range_check, odm_end_check_value, odm_end_expression;
odm_fn odm_end_check_message, odm_end_range_check, odm_start_code_list, odm_start_code;
odm_fn odm_start_user, odm_end_login, odm_end_full_name, odm_end_display_name;
odm_fn odm_end_first_name, odm_end_last_name, odm_start_location, odm_start_signature_def;

/* odm_define.c: rows of everything that the study defines, once, before its data. */
void odm_define(struct odm *odm);

/* odm_define.c: the codes of an item's list, "1,2"; NULL: none. */
const char *odm_codes_of(const struct odm *odm, const struct odm_item_def *item);

/* odm_checks.c: the checks of an item at its place in the form of that number; whether all checks
 * compile; those that do not. */
void odm_write_checks(struct odm *odm, size_t form, const struct odm_group_def *group,
    bool is_group_mandatory, const struct odm_reference *reference);
void odm_try_checks(struct odm *odm);
void odm_print_checks(const struct odm *odm, FILE *output);

/* odm_clinical.c, odm_audit.c */
odm_fn odm_start_clinical, odm_start_subject, odm_end_subject, odm_start_site_ref;
odm_fn odm_start_event_data, odm_end_event_data, odm_start_form_data, odm_end_form_data;
odm_fn odm_start_group_data, odm_end_group_data, odm_start_item_data, odm_end_item_data;
odm_fn odm_start_typed_data, odm_end_typed_data;
odm_fn odm_start_audit, odm_end_audit, odm_start_user_ref, odm_start_location_ref;
odm_fn odm_end_stamp, odm_end_reason, odm_start_signature, odm_end_signature;
odm_fn odm_start_signature_ref, odm_start_stored_audit, odm_end_stored_audit;
void odm_check_audits(struct odm *odm);

/* The number of an audit record in `audits` by its ID, made at its first mention; -1: failed. */
int64_t odm_audit_number(struct odm *odm, const char *id);

/* The effective audit of an element: its own, else the nearest one around it. */
const struct odm_audit *odm_audit_of(const struct odm *odm, int level);

/* odm_subject.c: the rows of all subjects, from the sorted records; odm_trail.c: the trail's. */
void odm_write_subjects(struct odm *odm);

/* odm_describe.c */
void odm_write_sites(struct odm *odm);
void odm_describe(struct odm *odm);
void odm_print_summary(const struct odm *odm, FILE *output);

#endif
