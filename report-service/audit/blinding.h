/* Keeping treatment data out of a blinded report: arm, kit, lot and randomisation numbers.
 *
 *     status = blinding_apply(ctx, &facts, report);      after the last section was built
 *
 * Two fences. The sources do not put these values into the facts of a blinded request, so sections
 * print cell_blinded() in their place (section_blinded). And because people write them into free
 * text ("kit K0100012 given to the wrong subject"), this one walk over the finished model, which
 * every format is drawn from, masks them wherever they stand: a cell that is nothing else becomes
 * CELL_BLINDED, inside a longer text they become BLINDING_MASK.
 *
 * What is looked for: the arms and randomisation numbers of the whole study, the kits and lots of
 * the site, as whole words, in any letter case. A text shorter than BLINDING_LEN_MIN ("A") says
 * something only where it is named as an arm ("arm A", "A 组") and is masked only there. A number
 * that is also a subject's or site's number is no secret.
 *
 * Not here: who may see what (the gateway, later the role). */
#ifndef WALKIE_AUDIT_BLINDING_H
#define WALKIE_AUDIT_BLINDING_H

#include "audit/model/model.h"
#include "audit/sources/facts.h"
#include "ctx/ctx.h"

enum { BLINDING_LEN_MIN = 3 };
#define BLINDING_MASK "*****"

/* Does nothing to an unblinded report. Errors: the context's, RESOURCE_EXHAUSTED. */
MUST_USE enum status blinding_apply(
    const struct ctx *ctx, const struct audit_facts *facts, struct report *report);

/* Whether `text` is one of the site's treatment texts, whatever its length: for values whose field
 * may be that of a treatment ("A" as an old value of the trail). False for an unblinded request. */
bool blinding_is_treatment(const struct audit_facts *facts, const char *text);

#endif
