#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crf/language/check_code.h"

enum {
    MATCH_LIMIT = 20000, /* steps back and forth of one of the first matches of an evaluation */
    MATCH_LIMIT_LATER = 1000, /* of each one after them */
    MATCHES_FIRST = 8,
    MATCH_WORK = 4000000,      /* a step may read the whole text: steps times bytes of a match, */
    MATCH_WORK_LATER = 100000, /* and of a later one */
    MATCH_DEPTH_LIMIT = 10000,
    MATCH_HEAP_KIB = 256, /* what one match may use to go back */
    NEST_LIMIT = 32,      /* parentheses within each other */
    SMALL_LEN = 1024,
    N_SMALL = 4,
    N_LARGE = 2, /* a vector of frames that grows is copied to another one */
};

/* PCRE2 gets memory that is there already: a match never allocates. */
struct block {
    bool is_used;
    _Alignas(max_align_t) unsigned char data[SMALL_LEN];
};

struct large_block {
    bool is_used;
    _Alignas(max_align_t) unsigned char data[MATCH_HEAP_KIB << 10];
};

struct check_matcher {
    pcre2_general_context *general;
    pcre2_match_context *limits;
    pcre2_match_data *data;
    struct block small[N_SMALL];
    struct large_block large[N_LARGE];
};

static void *take_block(PCRE2_SIZE size, void *arg)
{
    struct check_matcher *matcher = arg;
    for (size_t i = 0; size <= SMALL_LEN && i < N_SMALL; i++) {
        if (!matcher->small[i].is_used) {
            matcher->small[i].is_used = true;
            return matcher->small[i].data;
        }
    }
    for (size_t i = 0; size <= sizeof(matcher->large[0].data) && i < N_LARGE; i++) {
        if (!matcher->large[i].is_used) {
            matcher->large[i].is_used = true;
            return matcher->large[i].data;
        }
    }
    return NULL;
}

static void give_block(void *data, void *arg)
{
    struct check_matcher *matcher = arg;
    for (size_t i = 0; i < N_SMALL; i++) {
        if (matcher->small[i].data == data) {
            matcher->small[i].is_used = false;
        }
    }
    for (size_t i = 0; i < N_LARGE; i++) {
        if (matcher->large[i].data == data) {
            matcher->large[i].is_used = false;
        }
    }
}

struct check_matcher *check_matcher_new(void)
{
    struct check_matcher *matcher = calloc(1, sizeof(*matcher));
    if (matcher == NULL) {
        return NULL;
    }
    matcher->general = pcre2_general_context_create(take_block, give_block, matcher);
    matcher->limits = pcre2_match_context_create(matcher->general);
    matcher->data = pcre2_match_data_create(1, matcher->general);
    if (matcher->general == NULL || matcher->limits == NULL || matcher->data == NULL) {
        check_matcher_free(matcher);
        return NULL;
    }
    pcre2_set_depth_limit(matcher->limits, MATCH_DEPTH_LIMIT);
    pcre2_set_heap_limit(matcher->limits, MATCH_HEAP_KIB);
    return matcher;
}

/* All of PCRE2's objects are within the matcher. */
void check_matcher_free(struct check_matcher *matcher)
{
    free(matcher);
}

static uint32_t limit_of(size_t len, size_t n_before)
{
    bool is_first = n_before < MATCHES_FIRST;
    size_t limit = is_first ? MATCH_LIMIT : MATCH_LIMIT_LATER;
    size_t affordable = (is_first ? MATCH_WORK : MATCH_WORK_LATER) / (len + 1);
    return (uint32_t)(affordable < limit ? affordable : limit);
}

enum check_match check_match(struct check_matcher *matcher, const void *pattern, const char *text,
    size_t len, size_t n_before)
{
    if (len > CHECK_SUBJECT_LEN_MAX) {
        return MATCH_TOO_COSTLY;
    }
    pcre2_set_match_limit(matcher->limits, limit_of(len, n_before));
    int found = pcre2_match(pattern, (PCRE2_SPTR)text, len, 0, 0, matcher->data, matcher->limits);
    if (found >= 0) {
        return MATCH_YES;
    }
    if (found == PCRE2_ERROR_NOMATCH) {
        return MATCH_NO;
    }
    return found <= PCRE2_ERROR_UTF8_ERR1 && found >= PCRE2_ERROR_UTF8_ERR21 ? MATCH_UNREADABLE
                                                                             : MATCH_TOO_COSTLY;
}

/* --- compiling ------------------------------------------------------------------------------ */

static void *take_from_arena(PCRE2_SIZE size, void *arg)
{
    return arena_alloc(arg, size);
}

static void leave_in_arena(void *data, void *arg)
{
    (void)data;
    (void)arg;
}

static bool fail_pattern(
    struct check_compiler *compiler, const struct check_node *literal, int number, size_t offset)
{
    PCRE2_UCHAR words[160];
    if (number == PCRE2_ERROR_HEAP_FAILED) {
        return check_fail_memory(compiler);
    }
    if (pcre2_get_error_message(number, words, sizeof(words)) < 0) {
        snprintf((char *)words, sizeof(words), "error %d", number);
    }
    return check_fail(compiler, STATUS_INVALID_ARGUMENT, literal->offset + 1 + offset,
        "the regular expression: %s", (const char *)words);
}

bool check_pattern(
    struct check_compiler *compiler, const struct check_node *literal, void **ret_pattern)
{
    const uint32_t options = PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_DOLLAR_ENDONLY |
                             PCRE2_NEVER_BACKSLASH_C;
    if (literal->literal.len > CHECK_PATTERN_LEN_MAX) {
        return check_fail(compiler, STATUS_OUT_OF_RANGE, literal->offset,
            "the regular expression is longer than %d bytes", CHECK_PATTERN_LEN_MAX);
    }
    pcre2_general_context *general =
        pcre2_general_context_create(take_from_arena, leave_in_arena, compiler->arena);
    pcre2_compile_context *limits = general == NULL ? NULL : pcre2_compile_context_create(general);
    if (limits == NULL) {
        return check_fail_memory(compiler);
    }
    int number = 0;
    PCRE2_SIZE offset = 0;
    pcre2_set_parens_nest_limit(limits, NEST_LIMIT);
    *ret_pattern = pcre2_compile(
        literal->literal.data, literal->literal.len, options, &number, &offset, limits);
    return *ret_pattern != NULL || fail_pattern(compiler, literal, number, offset);
}
