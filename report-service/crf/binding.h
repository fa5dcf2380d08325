/* From a check's references to values: which visit, which form, which repeat. Private to crf/.
 *
 *     const struct crf_place place = {patient, event, form, row};
 *     status = binding_fill(&binding, &place, program, values);
 *     check_evaluate(machine, program, values, &result);
 *     cell = binding_own_cell(&binding, &place, &program->references[result.reference],
 * result.row);
 *
 * What the references mean is said in language/check.h. A visit is earlier than another by its
 * date; where one has no date, or the dates do not tell, by the schedule. */
#ifndef WALKIE_CRF_BINDING_H
#define WALKIE_CRF_BINDING_H

#include "crf/batch.h"

enum {
    BINDING_ROWS_MAX = 4 << 20, /* bytes of what any(), all(), count() of one check see */
};

#define BINDING_NO_ROW UINT32_MAX /* the form has no value that the check asks for */

struct crf_place {
    const struct crf_patient *patient;
    const struct crf_event *event;
    const struct crf_form *form;
    uint32_t row; /* of the form's values, or BINDING_NO_ROW */
};

struct binding {
    const struct crf_study *study;
    const struct crf_batch *batch;
    struct buffer rows; /* of check_value: those of all references that are many */
    size_t first_row[CHECK_REFERENCES_MAX];
};

void binding_init(
    struct binding *binding, const struct crf_study *study, const struct crf_batch *batch);
void binding_finish(struct binding *binding);

/* `ret_values` has room for CHECK_REFERENCES_MAX; they hold until the next fill and the next batch.
 * Errors: RESOURCE_EXHAUSTED (BINDING_ROWS_MAX). */
MUST_USE enum status binding_fill(struct binding *binding, const struct crf_place *place,
    const struct check_program *program, struct check_value *ret_values);

/* Whether a row of the form has a value that the check asks for by its bare name. */
bool binding_has_own(const struct binding *binding, const struct crf_form *form, uint32_t row,
    const struct check_program *program);

/* The value behind a reference where it is one of the form at hand, NULL where there is none or it
 * is another's. `row`: of a reference that is many. */
const struct crf_cell *binding_own_cell(const struct binding *binding,
    const struct crf_place *place, const struct check_reference *reference, size_t row);

#endif
