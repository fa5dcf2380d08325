/* What has become of the responses, as messages. An answer has one frame: every response of a
 * submission is in it (of a patient as many, EPRO_RESPONSES_MAX), and as many of their issues as
 * there is room for; those left out are counted. */
#include <string.h>
#include <time.h>

#include "api/epro_work.h"
#include "base/arena.h"
#include "base/clock.h"
#include "walkie/epro/v1/epro.pb-c.h"

enum {
    REPLY_MEMORY_MAX = 64 << 20, /* bytes of an answer in the making */
    REPLY_RESULTS_MAX = 5 << 19, /* bytes that results and alerts take, packed, at the most */
    REPLY_ISSUES_MAX = 1 << 20,  /* … and issues; both and the rest go into RPC_FRAME_MAX */
    REPLY_ISSUE_OVERHEAD = 16,   /* tags and lengths of one */
    DATE_LEN = sizeof("YYYY-MM-DD"),
};

/* The largest result: three texts of EPRO_TEXT_MAX, words, numbers. Two alerts of it have a line
 * each. */
enum { REPLY_RESULT_MAX = 3 * EPRO_TEXT_MAX + 512 };
_Static_assert(EPRO_RESPONSES_MAX *REPLY_RESULT_MAX <= REPLY_RESULTS_MAX, "a result each");
_Static_assert(REPLY_RESULTS_MAX + REPLY_ISSUES_MAX < RPC_FRAME_MAX - (64 << 10), "one frame");

typedef Walkie__Epro__V1__ResponseResult message_result;
typedef Walkie__Epro__V1__Issue message_issue;
typedef Walkie__Epro__V1__Alert message_alert;
typedef Walkie__Epro__V1__Step message_step;

/* The answer in the making. */
struct draft {
    struct arena *arena;
    size_t issues_len; /* packed, about */
    Walkie__Epro__V1__Counts counts;
    message_result **results;
    size_t n_results;
    message_step **steps;
};

/* protobuf-c's structs take char *; packing does not write through it. */
static char *text_field(const char *text)
{
    return (char *)(uintptr_t)(text == NULL ? "" : text);
}

static Walkie__Epro__V1__Outcome outcome_on_the_wire(enum epro_outcome outcome)
{
    switch (outcome) {
    case EPRO_STORED:
        return WALKIE__EPRO__V1__OUTCOME__OUTCOME_STORED;
    case EPRO_UNCHANGED:
        return WALKIE__EPRO__V1__OUTCOME__OUTCOME_UNCHANGED;
    case EPRO_REJECTED:
        return WALKIE__EPRO__V1__OUTCOME__OUTCOME_REJECTED;
    }
    return WALKIE__EPRO__V1__OUTCOME__OUTCOME_UNKNOWN;
}

static void *array_of(struct draft *draft, size_t count, size_t size)
{
    return count == 0 ? NULL : arena_alloc_array(draft->arena, count, size);
}

/* --- one response --------------------------------------------------------------------------- */

static size_t issue_len(const struct epro_issue *issue)
{
    return strlen(epro_issue_word(issue->kind)) + strlen(issue->text) +
           (issue->link_id == NULL ? 0 : strlen(issue->link_id)) + REPLY_ISSUE_OVERHEAD;
}

static void add_issues(
    struct draft *draft, const struct epro_result *result, message_result *message)
{
    message->issues = array_of(draft, result->n_issues, sizeof(message_issue *));
    for (size_t i = 0; i < result->n_issues && message->issues != NULL; i++) {
        const struct epro_issue *issue = &result->issues[i];
        draft->counts.issues++;
        size_t len = issue_len(issue);
        if (draft->issues_len + len > (size_t)REPLY_ISSUES_MAX) {
            draft->counts.issues_left_out++;
            continue;
        }
        message_issue *to = arena_alloc(draft->arena, sizeof(*to));
        if (to == NULL) {
            return;
        }
        walkie__epro__v1__issue__init(to);
        to->kind = text_field(epro_issue_word(issue->kind));
        to->link_id = text_field(issue->link_id);
        to->text = text_field(issue->text);
        draft->issues_len += len;
        message->issues[message->n_issues++] = to;
    }
}

static void add_alerts(
    struct draft *draft, const struct epro_result *result, message_result *message)
{
    size_t n_alerts = 0;
    for (const struct epro_alert *alert = result->alerts; alert != NULL; alert = alert->next) {
        n_alerts++;
    }
    message->alerts = array_of(draft, n_alerts, sizeof(message_alert *));
    for (const struct epro_alert *alert = result->alerts; alert != NULL && message->alerts != NULL;
         alert = alert->next) {
        message_alert *to = arena_alloc(draft->arena, sizeof(*to));
        if (to == NULL) {
            return;
        }
        walkie__epro__v1__alert__init(to);
        to->kind = text_field(alert->kind);
        to->link_id = text_field(alert->link_id);
        to->text = text_field(alert->text);
        message->alerts[message->n_alerts++] = to;
    }
}

/* The day, UTC, of an epoch in ms; NULL: none. */
static char *date_of(struct draft *draft, int64_t at_ms)
{
    time_t seconds = (time_t)(at_ms / 1000);
    struct tm utc;
    char *text = at_ms <= 0 ? NULL : arena_alloc(draft->arena, DATE_LEN);
    if (text != NULL && gmtime_r(&seconds, &utc) != NULL) {
        (void)strftime(text, DATE_LEN, "%Y-%m-%d", &utc);
    }
    return text_field(text);
}

static message_result *result_message(struct draft *draft, const struct epro_result *result)
{
    message_result *message = arena_alloc(draft->arena, sizeof(*message));
    if (message == NULL) {
        return NULL;
    }
    walkie__epro__v1__response_result__init(message);
    message->index = (uint32_t)result->index;
    message->external_id = text_field(result->external_id);
    message->instrument = text_field(result->instrument);
    message->due_on = text_field(result->due_on);
    message->completed_on = date_of(draft, result->submitted_at);
    message->outcome = outcome_on_the_wire(result->outcome);
    message->has_score = result->has_score;
    message->score = result->score;
    message->severity = text_field(result->severity);
    message->score_code = text_field(result->profile);
    message->missing_items = (uint32_t)result->n_missing;
    message->is_prorated = result->is_prorated;
    message->has_vas = result->has_vas;
    message->vas = result->vas;
    add_issues(draft, result, message);
    add_alerts(draft, result, message);
    return message;
}

/* --- all of them ---------------------------------------------------------------------------- */

static void add_steps(struct draft *draft, const struct epro_work *work)
{
    draft->steps = arena_alloc_array(draft->arena, EPRO_STEPS, sizeof(message_step *));
    message_step *steps = arena_alloc_array(draft->arena, EPRO_STEPS, sizeof(message_step));
    for (int i = 0; i < EPRO_STEPS && draft->steps != NULL && steps != NULL; i++) {
        walkie__epro__v1__step__init(&steps[i]);
        steps[i].name = text_field(epro_step_name(i + 1));
        steps[i].ms = (double)work->step_ns[i] / (double)CLOCK_MS(1);
        draft->steps[i] = &steps[i];
    }
}

static void make_draft(struct draft *draft, const struct epro_work *work)
{
    const struct epro_report *report = epro_job_report(work->job);
    draft->counts = (Walkie__Epro__V1__Counts)WALKIE__EPRO__V1__COUNTS__INIT;
    draft->counts.responses = (uint32_t)report->n_results;
    draft->counts.stored = (uint32_t)report->n_stored;
    draft->counts.unchanged = (uint32_t)report->n_unchanged;
    draft->counts.rejected = (uint32_t)report->n_rejected;
    draft->counts.alerts = (uint32_t)report->n_alerts;
    draft->counts.alerts_raised = (uint32_t)report->n_alerts_new;
    draft->counts.alerts_closed = (uint32_t)report->n_alerts_closed;
    bool is_long = report->n_results > EPRO_RESPONSES_MAX;
    draft->n_results = is_long ? EPRO_RESPONSES_MAX : report->n_results;
    draft->counts.results_left_out = (uint32_t)(report->n_results - draft->n_results);
    draft->results = array_of(draft, draft->n_results, sizeof(message_result *));
    for (size_t i = 0; i < draft->n_results && draft->results != NULL; i++) {
        draft->results[i] = result_message(draft, &report->results[i]);
    }
    add_steps(draft, work);
}

/* The two messages have the same fields. */
#define FILL(reply, draft, report)                                                                 \
    do {                                                                                           \
        (reply)->study = text_field((report)->patient->study);                                     \
        (reply)->site_no = text_field((report)->patient->site_no);                                 \
        (reply)->patient = text_field((report)->patient->subject_no);                              \
        (reply)->counts = &(draft)->counts;                                                        \
        (reply)->results = (draft)->results;                                                       \
        (reply)->n_results = (draft)->n_results;                                                   \
        (reply)->steps = (draft)->steps;                                                           \
        (reply)->n_steps = (size_t)EPRO_STEPS;                                                     \
    } while (0)

typedef enum status send_fn(
    struct rpc_server_call *call, struct draft *draft, const struct epro_report *report);

static enum status send_process(
    struct rpc_server_call *call, struct draft *draft, const struct epro_report *report)
{
    Walkie__Epro__V1__ProcessPatientReply reply = WALKIE__EPRO__V1__PROCESS_PATIENT_REPLY__INIT;
    FILL(&reply, draft, report);
    return rpc_call_reply(call, &reply.base);
}

static enum status send_submit(
    struct rpc_server_call *call, struct draft *draft, const struct epro_report *report)
{
    Walkie__Epro__V1__SubmitResponsesReply reply = WALKIE__EPRO__V1__SUBMIT_RESPONSES_REPLY__INIT;
    FILL(&reply, draft, report);
    return rpc_call_reply(call, &reply.base);
}

static enum status answer(struct rpc_server_call *call, const struct epro_work *work, send_fn *send)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new((size_t)REPLY_MEMORY_MAX);
    if (arena == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    struct draft draft = {.arena = arena};
    make_draft(&draft, work);
    return arena_has_failed(arena) ? STATUS_RESOURCE_EXHAUSTED
                                   : send(call, &draft, epro_job_report(work->job));
}

enum status epro_reply_process(struct rpc_server_call *call, const struct epro_work *work)
{
    return answer(call, work, send_process);
}

enum status epro_reply_submit(struct rpc_server_call *call, const struct epro_work *work)
{
    return answer(call, work, send_submit);
}
