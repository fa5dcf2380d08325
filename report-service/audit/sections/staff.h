/* Section 14 has a chart of its own: who had tasks, certificates and training when.
 *
 *     section_add_staff_chart(build);
 *
 * Not here: the tables (staff.c). */
#ifndef WALKIE_AUDIT_SECTIONS_STAFF_H
#define WALKIE_AUDIT_SECTIONS_STAFF_H

#include "audit/sections/sections.h"

/* Nothing is added when nobody has tasks. */
void section_add_staff_chart(struct section_build *build);

#endif
