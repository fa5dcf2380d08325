#include <string.h>

#include "epro/internal.h"

enum { FIRST_CAPACITY = 4, PLACE_LEN = 3 /* "{0}" */ };

const char *epro_fill(struct arena *arena, const char *template, const char *zero, const char *one)
{
    const char *first = strstr(template, "{0}");
    const char *second = strstr(template, "{1}");
    bool is_swapped = first != NULL && second != NULL && second < first;
    const char *left = first == NULL || is_swapped ? second : first;
    const char *right = first == NULL || second == NULL ? NULL : is_swapped ? first : second;
    const char *left_text = left == first ? zero : one;
    const char *right_text = right == second ? one : zero;
    if (left == NULL) {
        return template;
    }
    const char *middle = left + PLACE_LEN;
    if (right == NULL) {
        return arena_printf(arena, "%.*s%s%s", (int)(left - template), template,
            left_text == NULL ? "" : left_text, middle);
    }
    return arena_printf(arena, "%.*s%s%.*s%s%s", (int)(left - template), template,
        left_text == NULL ? "" : left_text, (int)(right - middle), middle,
        right_text == NULL ? "" : right_text, right + PLACE_LEN);
}

static bool make_room(struct arena *arena, struct epro_response *response)
{
    size_t n_issues = response->result->n_issues;
    if (n_issues < response->issues_capacity) {
        return true;
    }
    size_t capacity =
        response->issues_capacity == 0 ? FIRST_CAPACITY : response->issues_capacity * 2;
    struct epro_issue *issues = arena_alloc_array(arena, capacity, sizeof(*issues));
    if (issues == NULL) {
        return false;
    }
    if (n_issues > 0) {
        memcpy(issues, response->issues, n_issues * sizeof(*issues));
    }
    response->issues = issues;
    response->issues_capacity = capacity;
    response->result->issues = issues;
    return true;
}

void epro_note(struct epro_job *job, struct epro_response *response, enum epro_issue_kind kind,
    const char *link_id, const char *zero, const char *one)
{
    response->is_rejected = response->is_rejected || epro_issue_rejects(kind);
    size_t max = EPRO_ISSUES_MAX - (epro_issue_rejects(kind) ? 0 : EPRO_ISSUES_REJECTING);
    if (response->result->n_issues >= max || !make_room(job->arena, response)) {
        return;
    }
    const char *template = epro_issue_template(kind, job->request->language);
    response->issues[response->result->n_issues++] = (struct epro_issue){
        .kind = kind, .link_id = link_id, .text = epro_fill(job->arena, template, zero, one)};
}
