/* What a peer wrote, for a terminal: its control characters are printed as blanks, or it could move
 * the cursor, name the window or worse.
 *
 *     safe_text_print(end->message, stderr);
 */
#ifndef WALKIE_CALL_SAFE_TEXT_H
#define WALKIE_CALL_SAFE_TEXT_H

#include <stdio.h>

void safe_text_print(const char *text, FILE *stream);

#endif
