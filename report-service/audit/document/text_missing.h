/* Characters that no font of the machine has, and the Debian package that would have them.
 *
 *     text_missing_log(ctx, text);    one warning: "U+36C3 U+2CB4E", "fonts-noto-cjk"
 *
 * Not here: what is drawn in their place (text_shape.h). */
#ifndef WALKIE_AUDIT_DOCUMENT_TEXT_MISSING_H
#define WALKIE_AUDIT_DOCUMENT_TEXT_MISSING_H

#include "audit/document/text.h"
#include "ctx/ctx.h"

/* The Debian package whose font has the character, as far as is known; NULL when none does: it is
 * private or unassigned. `has_noto_cjk`: the first choice for ideographs is installed and lacks it.
 */
const char *missing_package(uint32_t codepoint, bool has_noto_cjk);

/* One line "document.glyphs_missing" when something was; nothing when not. */
void text_missing_log(const struct ctx *ctx, const struct text *text);

#endif
