/* What a test plants in the fault-free study of audit_fixture.h, and what must come of it.
 *
 *     const struct plant *plant = plant_at(i)
 *
 * A plant is a fault with the finding that it must lead to; a near miss is as close to a fault as
 * is allowed, and its rule keeps silent. Rows live in audit_plants_*.h, one file an area. */
#ifndef WALKIE_TESTS_AUDIT_PLANTS_H
#define WALKIE_TESTS_AUDIT_PLANTS_H

#include "audit/model/model.h"

/* A fault planted in site 01, the finding it must lead to, and what else it may lead to. */
struct plant {
    const char *code;
    const char *edc_sql;
    const char *ctms_sql;
    enum grade grade;
    int64_t n_evidence;
    const char *also; /* further codes, of which this is the beginning or the whole list */
};

struct near_miss {
    const char *code;
    const char *edc_sql;
    const char *ctms_sql;
};

#endif
