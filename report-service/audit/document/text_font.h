/* The fonts of a document: one family for both scripts, and every other font of the machine behind
 * it for the characters that the family lacks.
 *
 *     const struct font_set *fonts;
 *     status = font_set_open(&fonts, &error);
 *     uint16_t face = font_set_find(fonts, 0x7814);
 *     hb_shape(font_set_shaper(fonts, face), buffer, NULL, 0);
 *
 * WenQuanYi Micro Hei carries text in both languages: its Latin is Droid Sans, drawn for the same
 * weight and height as its Chinese, so mixed lines look like one hand. It has no bold cut; bold is
 * the same outlines emboldened by FreeType, which gives both scripts the same weight. DejaVu Sans
 * comes next (Arabic, Hebrew, symbols), then Noto, then whatever is installed, by name.
 *
 * Not here: shaping (text_shape.h). The order never depends on locale or environment, only on the
 * installed fonts. */
#ifndef WALKIE_AUDIT_DOCUMENT_TEXT_FONT_H
#define WALKIE_AUDIT_DOCUMENT_TEXT_FONT_H

#include <cairo.h>
#include <hb.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum weight { WEIGHT_REGULAR, WEIGHT_BOLD };
enum { WEIGHT_COUNT = 2 };

enum { FONT_FACES_MAX = 512 }; /* fonts considered as fallback; later ones (by name) are ignored */

struct font_set;

/* The process-wide set, made on first use and kept for the life of the process: cairo keeps scaled
 * fonts alive in a cache of its own, so faces that came and went would only pile up there.
 * Threads: any. Errors: UNAVAILABLE when the first family is missing. */
MUST_USE enum status font_set_open(const struct font_set **ret_set, struct error *ret_error);

enum { FONT_NONE = 0xFFFF };

/* The first face that has the character; FONT_NONE when none has. Threads: any. */
uint16_t font_set_find(const struct font_set *set, uint32_t codepoint);

/* The first face that has them all; FONT_NONE when none has. */
uint16_t font_set_find_all(const struct font_set *set, const uint32_t *characters, size_t n);
bool font_set_has(const struct font_set *set, uint16_t face, uint32_t codepoint);

/* Whether a face is of this family, by the name that font_set sorts by. */
bool font_set_has_family(const struct font_set *set, const char *family);

/* Borrowed for the life of the process. A face that cannot be loaded answers as face 0.
 * Threads: any; both results are immutable. */
hb_font_t *font_set_shaper(const struct font_set *set, uint16_t face);
cairo_font_face_t *font_set_face(const struct font_set *set, uint16_t face, enum weight weight);

#endif
