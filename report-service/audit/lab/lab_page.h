/* One page of a laboratory's answer: JSON from somebody else, read as if it wanted us harm.
 *
 *     outcome = lab_page_read(body, &question, arena, &page);
 *     if (outcome == LAB_ANSWERED) { page.results, page.next … }
 *
 * The page is taken whole or not at all. Refused is what the agreement (README.md here) does not
 * allow: another type, a number that is none, a date that does not exist, a name that comes twice,
 * a text that is too long or has control characters, deep nesting, more after the end. Names that
 * are not known are passed over: the laboratory may add some.
 *
 * Not here: HTTP (lab.c), pages that belong together (lab.c). */
#ifndef WALKIE_AUDIT_LAB_PAGE_H
#define WALKIE_AUDIT_LAB_PAGE_H

#include "audit/lab/lab.h"
#include "base/bytes.h"

enum {
    LAB_NESTING_MAX = 8,         /* arrays and objects within each other; the page has 3 */
    LAB_PAGE_RESULTS_MAX = 2000, /* of one page */
    LAB_PAGE_VALUES_MAX = 40000, /* JSON values of one page: what the parser allocates */
    LAB_OBJECT_NAMES_MAX = 32,   /* of one object */
    LAB_TEXT_MAX = 64,           /* bytes of a text, with the NUL */
    LAB_NUMBER_TEXT_MAX = 40,    /* bytes of a number, as it is written */
    LAB_CURSOR_MAX = 256,        /* bytes of `next`, with the NUL */
};

struct lab_page {
    struct list results; /* struct lab_value, of days up to the question's */
    int64_t snapshot_at;
    char next[LAB_CURSOR_MAX]; /* "": it is the last page */
};

/* Read a page; texts and results come from `arena`. Returns LAB_ANSWERED, LAB_NOT_UNDERSTOOD or
 * LAB_TOO_MUCH (memory); *ret_page is set with LAB_ANSWERED only. Threads: any. */
MUST_USE enum lab_outcome lab_page_read(struct bytes json, const struct lab_question *question,
    struct arena *arena, struct lab_page *ret_page);

/* Whether the text keeps to JSON's grammar of numbers and texts and to the limits above. It is what
 * the parser behind it is lenient about; lab_page_read asks it first. */
MUST_USE bool lab_scan(struct bytes json);

#endif
