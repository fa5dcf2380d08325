/* What the CTMS holds about study drug: movements of kits, temperatures; and what follows from them
 * for each kit. Part of facts.h; the same rules hold.
 *
 *     LIST_EACH(struct kit, kit, &facts->ctms.kits) { … }
 *
 * Kit and lot numbers are NULL in a blinded request: a kit is then only its row. Rows come from
 * ctms_drug.c; states and breaches are worked out in drug_course.c. */
#ifndef WALKIE_AUDIT_SOURCES_FACTS_DRUG_H
#define WALKIE_AUDIT_SOURCES_FACTS_DRUG_H

#include <stdbool.h>
#include <stdint.h>

#include "audit/sources/list.h"
#include "audit/sources/rule_mask.h"

struct subject;

enum { KIT_RETURN_DAYS = 60 }; /* dispensed and not back for longer: not accounted for */

enum drug_movement_kind {
    DRUG_RECEIVED,
    DRUG_DISPENSED,
    DRUG_RETURNED,
    DRUG_DESTROYED,
    DRUG_LOST,
    DRUG_QUARANTINED,
    DRUG_MOVEMENT_KINDS,
};

struct drug_movement {
    struct list_node node;
    struct kit *kit;
    enum drug_movement_kind kind;
    const char *subject_no;
    const struct subject *subject; /* in the EDC; NULL: it has none of this number */
    const char *on_date;
    const char *expires_on; /* of the kit, as written with this movement */
    int64_t day;            /* only when is_dated */
    bool is_dated;
    int64_t quantity;
};

enum kit_state {
    KIT_IN_STOCK,
    KIT_WITH_SUBJECT,
    KIT_RETURNED,
    KIT_DESTROYED,
    KIT_QUARANTINED,
    KIT_LOST,    /* the site says so */
    KIT_OVERDUE, /* with a subject for more than KIT_RETURN_DAYS */
};

/* What is wrong with whom a kit was dispensed to. */
enum kit_breach {
    KIT_BREACH_NONE,
    KIT_BREACH_UNKNOWN,      /* no subject of this number */
    KIT_BREACH_NOT_ENROLLED, /* never, or not yet */
    KIT_BREACH_LEFT,         /* had left the study */
};

struct kit {
    struct list_node node;
    int64_t id;         /* the key of its first row */
    const char *number; /* NULL: blinded */
    const char *lot;    /* NULL: blinded, or none */
    const char *expires_on;
    int64_t quantities[DRUG_MOVEMENT_KINDS];
    const struct drug_movement *first[DRUG_MOVEMENT_KINDS];
    const struct drug_movement *last_dispensed;
    const struct drug_movement *expired; /* dispensed after its expiry; NULL: never */
    int64_t first_day;                   /* INT64_MAX: undated */
    enum kit_state state;
    enum kit_breach breach;
    bool is_impossible; /* more went out, or came back, than there was */
    rule_mask marks;
};

struct drug_temperature {
    struct list_node node;
    bool is_storage; /* else of a shipment */
    const char *on_date;
    double low; /* only when has_range */
    double high;
    bool is_excursion;
    rule_mask marks;
};

#endif
