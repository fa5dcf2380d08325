/* What check.c (collecting) and check_print.c (telling) share. */
#ifndef WALKIE_IMPORT_CHECK_INTERNAL_H
#define WALKIE_IMPORT_CHECK_INTERNAL_H

#include "audit/rules/rules.h"
#include "import/check.h"

enum {
    CHECK_SECTIONS_MAX = 32,
    CHECK_NAME_MAX = 96,
    CHECK_MEMORY_MAX = 16 << 20,
};

/* Something that a section says it has not got: "AE reporting", of a source. */
struct check_lack {
    struct check_lack *next;
    enum word what;
    const char *source;
};

struct check_empty {
    struct check_empty *next;
    const char *source;
    const char *table;
};

/* A rule that cannot be assessed, by the first of its needs that is not there. */
struct check_rule {
    struct check_rule *next;
    const struct rule *rule;
    const struct rule_need *need;
    const char *note; /* the source's own words for why; NULL: none */
};

struct check_section {
    int number;
    const char *id;
    enum word title;
    struct check_lack *lacks;
    struct check_rule *rules; /* that cannot be assessed */
    size_t n_rules;           /* of the section, in all */
    size_t n_unassessed;
    struct check_empty *empty;
};

struct check {
    struct arena *arena;
    const char *study;
    const char *site_no;
    const char *as_of;
    struct check_section sections[CHECK_SECTIONS_MAX]; /* the cover is the first */
    size_t n_sections;
};

bool check_is_complete(const struct check *check);
void check_print_text(const struct check *check, FILE *output);
MUST_USE enum status check_print_json(const struct check *check, FILE *output);

#endif
