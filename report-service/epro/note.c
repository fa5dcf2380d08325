#include <string.h>

#include "epro/internal.h"

enum { FIRST_CAPACITY = 4 };

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

void epro_note_reason(struct epro_job *job, struct epro_response *response,
    enum epro_issue_kind kind, enum epro_reason reason, const char *zero, const char *one)
{
    const char *text = epro_reason_text(job->arena, reason, job->request->language, zero, one);
    epro_note(job, response, kind, NULL, text, NULL);
}
