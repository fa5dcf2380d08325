/* The charts of section 13: what was received, dispensed and is left over time; temperatures by
 * month.
 *
 *     drug_add_balance_chart(build);
 *
 * Neither says anything about a single kit or subject. Not here: the tables (drug.c). */
#ifndef WALKIE_AUDIT_SECTIONS_DRUG_H
#define WALKIE_AUDIT_SECTIONS_DRUG_H

#include "audit/sections/sections.h"

void drug_add_balance_chart(struct section_build *build);
void drug_add_temperature_chart(struct section_build *build);

#endif
