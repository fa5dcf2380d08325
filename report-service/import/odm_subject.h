/* One subject's data put together from its transactions: events, their forms, groups and items, in
 * the order in which they first came. Lives in an arena that is freed with the subject. */
#ifndef WALKIE_IMPORT_ODM_SUBJECT_H
#define WALKIE_IMPORT_ODM_SUBJECT_H

#include "import/id_set.h"
#include "import/odm_internal.h"

struct subject_change {
    struct subject_change *next;
    int64_t at;
    int64_t user;
    const char *action; /* insert, update, delete */
    const char *old_value;
    const char *new_value;
    const char *reason;
};

struct subject_item {
    struct subject_item *next;
    int32_t field;
    const char *value; /* NULL: null */
    bool is_there;     /* false: removed */
    int64_t n_changes;
    struct subject_change *changes;
    struct subject_change *last_change;
};

/* Where events, forms and groups stand; their first member. */
struct subject_place {
    int64_t parent; /* number of what encloses it; 0: the subject */
    int64_t number; /* in the subject, from 1 */
    int32_t definition;
    int32_t repeat; /* the key, as odm_clinical.c has it */
    int64_t repeat_no;
};

struct subject_group {
    struct subject_place place;
    struct subject_group *next;
    struct subject_item *items;
    struct subject_item *last_item;
    struct subject_item *found; /* where the last look-up ended: items come in order */
};

struct subject_form {
    struct subject_place place;
    struct subject_form *next;
    int64_t first_entry_at; /* 0: no item's first entry has a stamp */
    int64_t last_change_at;
    int64_t signed_at;
    int64_t signed_by;
    struct subject_group *groups;
    struct subject_group *last_group;
};

struct subject_event {
    struct subject_place place;
    struct subject_event *next;
    int64_t id;
    char visit_on[16]; /* "": unknown */
    struct subject_form *forms;
    struct subject_form *last_form;
};

struct subject_data {
    struct odm *odm;
    const struct odm_subject *subject;
    struct arena *arena;
    struct keymap
        *places; /* "parent|definition|repeat" -> the place; "parent|definition" -> count */
    int64_t n_places;
    bool has_failed; /* out of memory for places */
    int64_t id;
    bool is_removed;
    struct subject_event *events;
    struct subject_event *last_event;
    struct id_set *sequences;    /* numbers of adverse events that are taken */
    int64_t last_sequence;       /* below it all that are ours are taken */
    struct subject_event *event; /* of the record before */
    struct subject_form *form;
    struct subject_group *group;
};

/* odm_subject.c: one more record. */
void subject_apply(struct subject_data *data, const struct odm_record *record, const char *reason,
    const char *value);

/* odm_place.c: set event, form and group to the record's, made when they are new. */
void subject_find_places(struct subject_data *data, const struct odm_record *record);

/* odm_rows.c: the subject's rows, once all its records are applied. */
void subject_write(struct subject_data *data);

/* --- odm_facts.c: what the items mean ------------------------------------------------------- */

enum { SUBJECT_CONSENTS_MAX = 32 }; /* signatures of one subject; further ones are passed over */

struct subject_consent {
    char signed_on[16];
    const char *version; /* NULL: unknown */
};

/* What a subject's row holds; texts are borrowed from the subject's arena or literals. */
struct subject_facts {
    const char *status;
    const char *sex;
    int64_t birth_year;                                    /* 0: unknown */
    char screened_on[16];                                  /* dates: "" is unknown */
    struct subject_consent consents[SUBJECT_CONSENTS_MAX]; /* by date */
    size_t n_consents;
    char enrolled_on[16];
    const char *random_number;
    const char *arm;
    char first_dose_on[16];
    char last_dose_on[16];
    char discont_on[16];
    const char *discont_reason;
    const char *treatment_status;
    const char *treatment_reason;
    char last_seen_on[16];
};

/* Look through the subject's items; sets the events' visit dates, too. */
void subject_find_facts(struct subject_data *data, struct subject_facts *ret_facts);

/* The values of a group's items by their meaning; NULL where there is none. */
void group_values(
    const struct odm *odm, const struct subject_group *group, const char *values[ODM_FIELD_COUNT]);

/* odm_events.c: adverse events, laboratory results, criteria and consents of one group. */
void subject_write_group(struct subject_data *data, const struct subject_event *event,
    const struct subject_group *group);

/* odm_trail.c: a row of the audit trail, kept until all are known, then written in order of time.
 */
struct trail_line {
    int64_t at;
    int64_t user;
    int64_t form_id;
    int64_t item_id; /* 0: of the form */
    const char *action;
    const char *old_value;
    const char *new_value;
    const char *reason;
};
void odm_trail_add(struct odm *odm, const struct trail_line *line);
void odm_trail_write(struct odm *odm);

#endif
