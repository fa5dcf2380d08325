/* The place of a response among those that are stored and those beside it: for validate.c. */
#ifndef WALKIE_EPRO_VALIDATE_H
#define WALKIE_EPRO_VALIDATE_H

#include "epro/internal.h"

/* Find the response's slot, see whether it is stored already, and reject it where another one has
 * its place. Only for responses that are not rejected. */
void epro_place(struct epro_job *job, struct epro_response *response);

#endif
