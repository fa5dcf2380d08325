/* Which of several forms of one thing a client wants: Accept (RFC 9110, 12.5.1).
 *
 *     static const char *const FORMS[] = {"text/plain; version=0.0.4", "application/json"};
 *     int form = http_negotiate(http_header(exchange, "accept"), FORMS, LENGTH_OF(FORMS));
 *
 * A form's quality is that of the most specific range that it falls into (its parameters, its
 * subtype, its type, anything); the best one counts, of equal ones the first. A range with
 * parameters takes forms that have those with the same values. What is malformed is passed over.
 *
 * Not here: Accept-Language, Accept-Encoding. */
#ifndef WALKIE_HTTP_NEGOTIATE_H
#define WALKIE_HTTP_NEGOTIATE_H

#include <stddef.h>

/* `accept` as it came; NULL: anything. Forms are media types with their parameters: our own
 * literals. Returns a number below n_forms; -1: none is acceptable. Time: the text's length for
 * each form. Threads: any. */
int http_negotiate(const char *accept, const char *const forms[], size_t n_forms);

#endif
