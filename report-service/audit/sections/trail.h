/* The tables of section 12: breaks of the chain, users, bursts, changes to be examined.
 *
 *     trail_add_users(build);
 *
 * Not here: facts and heat map (trail.c). */
#ifndef WALKIE_AUDIT_SECTIONS_TRAIL_H
#define WALKIE_AUDIT_SECTIONS_TRAIL_H

#include "audit/sections/sections.h"

void trail_add_breaks(struct section_build *build);
void trail_add_users(struct section_build *build);
void trail_add_bursts(struct section_build *build);
void trail_add_changes(struct section_build *build);

#endif
