/* What the sources hold about a site's file and what its subjects and cameras sent: essential
 * documents, ePRO questionnaires, image series. Part of facts.h; the same rules hold.
 *
 *     LIST_EACH(struct essential_document, document, &facts->ctms.documents) { … }
 *
 * Rows come from ctms_documents.c and edc_outcomes.c. */
#ifndef WALKIE_AUDIT_SOURCES_FACTS_OUTCOME_H
#define WALKIE_AUDIT_SOURCES_FACTS_OUTCOME_H

#include <stdbool.h>
#include <stdint.h>

#include "audit/sources/list.h"
#include "audit/sources/rule_mask.h"

enum {
    EXPIRING_DAYS = 60,         /* a document that expires within so many days is to be renewed */
    EPRO_TOGETHER_MINUTES = 10, /* questionnaires sent within so many minutes came together */
    EPRO_SHARED_SUBJECTS = 3,   /* so many subjects together on one device are not chance */
    IMAGE_PENDING_DAYS = 30,    /* quality control of a series takes no longer */
};

struct subject;

enum document_state {
    DOCUMENT_CURRENT,
    DOCUMENT_MISSING, /* required, and not received by as_of */
    DOCUMENT_EXPIRED,
    DOCUMENT_EXPIRING, /* within EXPIRING_DAYS */
    DOCUMENT_SUPERSEDED,
    DOCUMENT_NOT_REQUIRED, /* not received, and need not be */
};
enum { DOCUMENT_STATES = 6 };

struct essential_document {
    struct list_node node;
    const char *tmf_ref;
    const char *title;
    const char *version;
    const char *received_on;
    const char *expires_on;
    const char *location; /* "isf", "tmf" */
    enum document_state state;
    bool is_required;
    bool is_tmf;
    bool is_absent_elsewhere; /* filed here, unknown in the other file */
    rule_mask marks;
};

enum epro_state { EPRO_SUBMITTED, EPRO_LATE, EPRO_MISSED, EPRO_PENDING };
enum { EPRO_STATES = 4 };

struct epro_response {
    struct list_node node;
    const struct subject *subject;
    const char *event; /* the visit it belongs to */
    const char *instrument;
    const char *due_on;
    const char *device;
    int64_t submitted_at; /* 0: not by as_of */
    enum epro_state state;
    bool is_shared_device;   /* sent together with other subjects' from one device */
    bool is_filled_in_later; /* sent together with those of other due dates */
    rule_mask marks;
};

enum image_state { IMAGE_PASSED, IMAGE_FAILED, IMAGE_PENDING };
enum { IMAGE_STATES = 3 };

struct image_series {
    struct list_node node;
    const struct subject *subject;
    const char *modality;
    const char *on_date;
    int64_t n_slices;
    int64_t age_days; /* from on_date to as_of; 0: unknown */
    enum image_state state;
    bool is_repeated; /* FAILED: a later series of the subject passed */
    rule_mask marks;
};

#endif
