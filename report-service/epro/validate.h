/* The place of a response among those that are stored and those beside it: for validate.c. */
#ifndef WALKIE_EPRO_VALIDATE_H
#define WALKIE_EPRO_VALIDATE_H

#include "epro/internal.h"

/* All three are for responses that are not rejected. */

/* Find the response's slot, see whether it is stored already, and reject it where a stored one has
 * its place. */
void epro_place(struct epro_job *job, struct epro_response *response);

/* Whether its place is its own: inside the window, unscheduled, or stored already. */
bool epro_is_in_place(const struct epro_response *response);

/* Give a response its place beside those of its job that have theirs. Where the due date of one
 * that is outside of the window is taken it becomes unscheduled; other duplicates are rejected. */
void epro_settle(struct epro_job *job, struct epro_response *response);

#endif
