#include "audit/audit.h"

#include <string.h>

#include "audit/blinding.h"
#include "audit/rules/rules.h"
#include "audit/sections/sections.h"
#include "audit/sources/consent_course.h"
#include "audit/sources/dates.h"
#include "audit/sources/drug_course.h"
#include "audit/sources/fetch.h"
#include "audit/sources/indicators.h"
#include "audit/sources/lab_source.h"
#include "audit/sources/staff_gaps.h"
#include "audit/sources/study.h"
#include "audit/sources/trail_course.h"
#include "base/bytes.h"
#include "ctx/checkpoint.h"
#include "ctx/group.h"
#include "obs/span.h"

enum {
    SOURCE_EDC,
    SOURCE_CTMS,
    SOURCE_COUNT,
    SOURCE_MEMORY_MAX = 256 * 1024 * 1024, /* bytes of one source's facts about one site */
    LAB_MEMORY_MAX = 64 * 1024 * 1024,     /* bytes of the central laboratory's results */
    REPORT_MEMORY_MAX = 256 * 1024 * 1024, /* bytes of one model */
    STUDIES_TEXT_MAX = 256,                /* bytes of the list of studies in a message */
};

/* All that a report in the making holds; freed as a whole on every path. */
struct work {
    struct audit_facts facts;
    struct fetch fetches[SOURCE_COUNT];
    struct lab_source lab;
    char as_of[DATE_TEXT_MAX];
};

static void work_finish(struct work *work)
{
    for (int i = 0; i < SOURCE_COUNT; i++) {
        db_end(work->fetches[i].session);
    }
    study_release(&work->facts);
    arena_free(work->facts.edc.base.arena);
    arena_free(work->facts.ctms.base.arena);
    arena_free(work->facts.lab.base.arena);
}

static enum status work_init(
    struct work *work, const struct audit_sources *sources, const struct audit_request *request)
{
    struct audit_facts *facts = &work->facts;
    *work = (struct work){0};
    facts->edc.base.source = "edc";
    facts->ctms.base.source = "ctms";
    facts->edc.base.arena = arena_new(SOURCE_MEMORY_MAX);
    facts->ctms.base.arena = arena_new(SOURCE_MEMORY_MAX);
    facts->site_no = request->site_no;
    facts->sections = request->sections == 0 ? UINT32_MAX : request->sections;
    facts->is_unblinded = request->is_unblinded;
    struct fetch common = {.facts = facts,
        .request = request,
        .study_cache = sources->study_cache,
        .error = ERROR_NONE};
    work->fetches[SOURCE_EDC] = work->fetches[SOURCE_CTMS] = common;
    work->fetches[SOURCE_EDC].db = sources->edc;
    work->fetches[SOURCE_EDC].base = &facts->edc.base;
    work->fetches[SOURCE_EDC].stage = "fetch:edc";
    work->fetches[SOURCE_CTMS].db = sources->ctms;
    work->fetches[SOURCE_CTMS].base = &facts->ctms.base;
    work->fetches[SOURCE_CTMS].stage = "fetch:ctms";
    facts->lab.base.source = "lab";
    facts->lab.base.arena = arena_new(LAB_MEMORY_MAX);
    facts->lab.outcome = sources->lab == NULL ? LAB_NOT_CONFIGURED : LAB_NOT_ASKED;
    facts->lab.is_asked = sources->lab != NULL && facts_wants(facts, LAB_SECTION);
    work->lab = (struct lab_source){.lab = sources->lab, .facts = facts};
    bool is_complete = facts->edc.base.arena != NULL && facts->ctms.base.arena != NULL &&
                       facts->lab.base.arena != NULL;
    return is_complete ? STATUS_OK : STATUS_RESOURCE_EXHAUSTED;
}

/* The sources at once; the first failure stops the others. Its words are the ones that count: the
 * others' only say that they were stopped. The laboratory does not fail: it is optional. */
static enum status run_tasks(const struct ctx *ctx, struct work *work, ctx_task_fn *edc_task,
    ctx_task_fn *ctms_task, ctx_task_fn *lab_task, struct error *ret_error)
{
    struct ctx_group *group = ctx_group_new(ctx);
    if (group == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "report: out of memory");
    }
    ctx_group_run(group, edc_task, &work->fetches[SOURCE_EDC]);
    ctx_group_run(group, ctms_task, &work->fetches[SOURCE_CTMS]);
    if (lab_task != NULL) {
        ctx_group_run(group, lab_task, &work->lab);
    }
    enum status status = ctx_group_wait(group);
    for (int i = 0; i < SOURCE_COUNT && status != STATUS_OK; i++) {
        if (work->fetches[i].error.status == status) {
            return error_set(ret_error, status, "%s", work->fetches[i].error.text);
        }
    }
    return status == STATUS_OK ? status
                               : error_set(ret_error, status, "report: %s", status_text(status));
}

static const struct site_candidate *candidate_of(const struct fetch *fetch, const char *protocol_no)
{
    LIST_EACH(const struct site_candidate, candidate, &fetch->candidates) {
        if (strcmp(candidate->protocol_no, protocol_no) == 0) {
            return candidate;
        }
    }
    return NULL;
}

/* The studies that have the site, each once: "A-01, B-02". Returns how many. */
static size_t list_studies(
    const struct work *work, char ret_text[STUDIES_TEXT_MAX], const char **ret_protocol_no)
{
    size_t count = 0;
    struct buffer text = BUFFER_EMPTY(STUDIES_TEXT_MAX - 1);
    for (int i = 0; i < SOURCE_COUNT; i++) {
        LIST_EACH(const struct site_candidate, candidate, &work->fetches[i].candidates) {
            bool is_known =
                i > 0 && candidate_of(&work->fetches[0], candidate->protocol_no) != NULL;
            if (is_known) {
                continue;
            }
            *ret_protocol_no = candidate->protocol_no;
            /* A list too long for the message is cut; the count is not. */
            if (buffer_printf(&text, "%s%s", count == 0 ? "" : ", ", candidate->protocol_no) !=
                STATUS_OK) {
                text.len_max = text.len;
            }
            count++;
        }
    }
    memcpy(ret_text, text.data == NULL ? (const uint8_t *)"" : text.data, text.len);
    ret_text[text.len] = '\0';
    buffer_finish(&text);
    return count;
}

/* One study, or an error that names what was asked for or what there is to choose from. */
static enum status choose_site(
    struct work *work, const struct audit_request *request, struct error *ret_error)
{
    char studies[STUDIES_TEXT_MAX];
    const char *protocol_no = NULL;
    size_t n_studies = list_studies(work, studies, &protocol_no);
    if (n_studies == 0 && request->study != NULL) {
        return error_set(ret_error, STATUS_NOT_FOUND, "no site \"%s\" in study \"%s\"",
            request->site_no, request->study);
    }
    if (n_studies == 0) {
        return error_set(
            ret_error, STATUS_NOT_FOUND, "no site \"%s\" in any study", request->site_no);
    }
    if (n_studies > 1) {
        return error_set(ret_error, STATUS_FAILED_PRECONDITION,
            "site \"%s\" is in %zu studies (%s): say which with study=", request->site_no,
            n_studies, studies);
    }
    for (int i = 0; i < SOURCE_COUNT; i++) {
        const struct site_candidate *candidate = candidate_of(&work->fetches[i], protocol_no);
        struct source_facts *base = work->fetches[i].base;
        base->has_site = candidate != NULL;
        base->study_id = candidate == NULL ? 0 : candidate->study_id;
        base->site_id = candidate == NULL ? 0 : candidate->site_id;
    }
    work->facts.protocol_no = protocol_no;
    return STATUS_OK;
}

uint32_t audit_sections(uint32_t mask)
{
    uint32_t all = 0;
    for (size_t i = 0; i < N_SECTIONS; i++) {
        all |= UINT32_C(1) << SECTIONS[i].number;
    }
    return mask == 0 ? all : mask & all;
}

/* At least one section that there is. */
static enum status check_sections(const struct audit_request *request, struct error *ret_error)
{
    if (audit_sections(request->sections) != 0) {
        return STATUS_OK;
    }
    return error_set(ret_error, STATUS_INVALID_ARGUMENT,
        "sections: the cover (0) is always there; name some of 1-16 and A-D");
}

/* The day asked for, else the last one of which a source knows. */
static enum status choose_day(
    struct work *work, const struct audit_request *request, struct error *ret_error)
{
    struct audit_facts *facts = &work->facts;
    bool is_known = false;
    if (request->as_of != NULL) {
        is_known = date_is_complete(request->as_of) &&
                   strlen(request->as_of) == DATE_TEXT_MAX - 1 &&
                   date_first_day(request->as_of, &facts->as_of_day);
        if (!is_known) {
            return error_set(ret_error, STATUS_INVALID_ARGUMENT,
                "as_of is \"%.40s\", not a date like 2019-10-26", request->as_of);
        }
    }
    for (int i = 0; i < SOURCE_COUNT && request->as_of == NULL; i++) {
        const struct fetch *fetch = &work->fetches[i];
        if (fetch->has_last_day && (!is_known || fetch->last_day > facts->as_of_day)) {
            facts->as_of_day = fetch->last_day;
            is_known = true;
        }
    }
    if (!is_known) {
        return error_set(ret_error, STATUS_FAILED_PRECONDITION,
            "the sources hold no time stamp: say the day with as_of=");
    }
    date_format(facts->as_of_day, work->as_of);
    facts->as_of = work->as_of;
    facts->as_of_end_ms = (facts->as_of_day + 1) * DAY_MS - 1;
    return STATUS_OK;
}

static const char *first_text(const char *a, const char *b)
{
    return a != NULL ? a : b;
}

/* The earliest screening, else the site's activation: from when there is something to audit. */
static const char *period_from(const struct audit_facts *facts)
{
    const char *first = facts->ctms.activated_on;
    int64_t first_day = INT64_MAX;
    LIST_EACH(const struct subject, subject, &facts->edc.subjects) {
        int64_t day;
        if (date_first_day(subject->screened_on, &day) && day < first_day) {
            first_day = day;
            first = subject->screened_on;
        }
    }
    return first;
}

static void fill_cover(
    const struct audit_facts *facts, const struct audit_request *request, struct report *report)
{
    struct arena *arena = report->arena;
    const struct edc_facts *edc = &facts->edc;
    const struct ctms_facts *ctms = &facts->ctms;
    report->study_protocol = first_text(edc->protocol_no, ctms->protocol_no);
    report->study_title = first_text(ctms->title, edc->title);
    report->site_no = arena_copy_text(arena, request->site_no);
    report->site_name = first_text(ctms->institution, edc->site_name);
    report->investigator = ctms->investigator;
    report->country = first_text(ctms->country, edc->country);
    report->requester = arena_copy_text(
        arena, request->requester == NULL ? AUDIT_REQUESTER_DEFAULT : request->requester);
    report->as_of = arena_copy_text(arena, facts->as_of);
    report->period_from = period_from(facts);
    report->is_final = request->is_final;
    report->is_unblinded = request->is_unblinded;
    const struct source_facts *sources[] = {&edc->base, &ctms->base, &facts->lab.base};
    size_t n_sources = facts->lab.is_asked ? LENGTH_OF(sources) : LENGTH_OF(sources) - 1;
    for (size_t i = 0; i < n_sources; i++) {
        report->snapshots[report->n_snapshots++] = (struct snapshot){.source = sources[i]->source,
            .at = sources[i]->latest_stamp_at,
            .data_version = sources[i]->data_version,
            .extract_on = sources[i]->extract_on};
    }
}

static enum status follow(const struct ctx *ctx, struct audit_facts *facts)
{
    sources_reconcile(facts);
    enum status status = sources_follow_consent(ctx, facts);
    if (status == STATUS_OK) {
        status = sources_follow_drug(ctx, facts);
    }
    if (status == STATUS_OK && facts_wants(facts, 12)) {
        status = sources_follow_trail(ctx, facts);
    }
    if (status == STATUS_OK) {
        status = lab_reconcile(ctx, facts);
    }
    if (status == STATUS_OK && facts_wants(facts, 14)) {
        status = sources_check_staff(facts);
    }
    return status;
}

static enum status write_sections(const struct ctx *ctx, const struct audit_facts *facts,
    const struct rule_outcomes *outcomes, struct report *report)
{
    struct span span;
    span_begin(ctx, "sections", &span);
    enum status status = sections_build(span.ctx, facts, outcomes, report);
    span_end(&span, status, NULL);
    if (status == STATUS_OK) {
        uint64_t started_at_ns = clock_now_ns();
        status = blinding_apply(ctx, facts, report);
        span_add(ctx, "blinding", SPAN_INTERNAL, started_at_ns, status, NULL);
    }
    return status;
}

static enum status judge_and_write(const struct ctx *ctx, struct work *work,
    const struct audit_request *request, struct report *report)
{
    struct audit_facts *facts = &work->facts;
    struct rule_outcomes outcomes;
    uint64_t started_at_ns = clock_now_ns();
    enum status status = follow(ctx, facts);
    span_add(ctx, "reconcile", SPAN_INTERNAL, started_at_ns, status, NULL);
    if (status == STATUS_OK && facts_wants(facts, 5)) {
        started_at_ns = clock_now_ns();
        status = indicators_compute(ctx, facts);
        span_add(ctx, "indicators", SPAN_INTERNAL, started_at_ns, status, NULL);
    }
    fill_cover(facts, request, report);
    if (status == STATUS_OK) {
        started_at_ns = clock_now_ns();
        status = rules_apply(ctx, facts, report, &outcomes);
        span_add(ctx, "rules", SPAN_INTERNAL, started_at_ns, status, NULL);
    }
    if (status == STATUS_OK) {
        status = write_sections(ctx, facts, &outcomes, report);
    }
    return status == STATUS_OK ? report_is_complete(report) : status;
}

static enum status fetch_facts(const struct ctx *ctx, struct work *work,
    const struct audit_request *request, struct error *ret_error)
{
    enum status status = run_tasks(ctx, work, fetch_locate, fetch_locate, NULL, ret_error);
    if (status == STATUS_OK) {
        status = choose_site(work, request, ret_error);
    }
    if (status == STATUS_OK) {
        status = choose_day(work, request, ret_error);
    }
    if (status == STATUS_OK) {
        ctx_task_fn *lab_task = work->facts.lab.is_asked ? fetch_lab : NULL;
        status = run_tasks(ctx, work, fetch_edc, fetch_ctms, lab_task, ret_error);
    }
    /* The snapshots have been read: give the connections back before the work goes on. */
    for (int i = 0; i < SOURCE_COUNT; i++) {
        db_end(STEAL(work->fetches[i].session));
    }
    return status;
}

enum status audit_build(const struct ctx *ctx, const struct audit_sources *sources,
    const struct audit_request *request, struct report **ret_report, struct error *ret_error)
{
    enum status status = check_sections(request, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    CLEANUP(work_finish) struct work work;
    status = work_init(&work, sources, request);
    if (status != STATUS_OK) {
        return error_set(ret_error, status, "report: out of memory");
    }
    status = fetch_facts(ctx, &work, request, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    struct report *report = report_new(REPORT_MEMORY_MAX);
    if (report == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "report: out of memory");
    }
    status = judge_and_write(ctx, &work, request, report);
    if (status != STATUS_OK) {
        report_free(report);
        return error_set(ret_error, status, "report: %s", status_text(status));
    }
    report_keep_arena(report, STEAL(work.facts.edc.base.arena));
    report_keep_arena(report, STEAL(work.facts.ctms.base.arena));
    report_keep_arena(report, STEAL(work.facts.lab.base.arena));
    *ret_report = report;
    return STATUS_OK;
}
