/* What a patient has answered, as FHIR: the body goes to the service as it came, and what became of
 * each response comes back as JSON. */
#include "api/fields.h"
#include "api/handlers.h"
#include "api/timing.h"
#include "base/json_writer.h"
#include "walkie/epro/v1/epro.pb-c.h"
#include "walkie/epro/v1/methods.h"

/* Some thousand responses of one page each; a frame has 4 MiB. */
enum { EPRO_BODY_MAX = 3 << 20 };

const struct route_body EPRO_RESPONSES_BODY = {
    .types = "application/fhir+json, application/json",
    .len_max = EPRO_BODY_MAX,
};

const struct parameter EPRO_RESPONSES_PARAMETERS[] = {
    {"study", NULL},
    {"center", NULL},
    {"language", "en|zh-CN"},
    {"pace", NULL},
    {NULL, NULL},
};

/* --- the answer ----------------------------------------------------------------------------- */

/* What there is none of is null, never an empty word. */
static void write_text(struct json_writer *json, const char *key, const char *text)
{
    json_key(json, key);
    json_text(json, *text == '\0' ? NULL : text);
}

static void write_number(struct json_writer *json, const char *key, bool is_there, double value)
{
    json_key(json, key);
    if (is_there) {
        json_number(json, value);
    } else {
        json_null(json);
    }
}

static void write_count(struct json_writer *json, const char *key, uint32_t count)
{
    json_key(json, key);
    json_integer(json, count);
}

static void write_finding(
    struct json_writer *json, const char *kind, const char *link_id, const char *text)
{
    json_begin(json, '{');
    write_text(json, "kind", kind);
    write_text(json, "link_id", link_id);
    write_text(json, "text", text);
    json_end(json, '}');
}

static const char *outcome_word(Walkie__Epro__V1__Outcome outcome)
{
    switch (outcome) {
    case WALKIE__EPRO__V1__OUTCOME__OUTCOME_STORED:
        return "stored";
    case WALKIE__EPRO__V1__OUTCOME__OUTCOME_UNCHANGED:
        return "unchanged";
    case WALKIE__EPRO__V1__OUTCOME__OUTCOME_REJECTED:
        return "rejected";
    case WALKIE__EPRO__V1__OUTCOME__OUTCOME_UNKNOWN:
    case _WALKIE__EPRO__V1__OUTCOME_IS_INT_SIZE:
        break;
    }
    return "unknown";
}

static void write_result(struct json_writer *json, const Walkie__Epro__V1__ResponseResult *result)
{
    json_begin(json, '{');
    write_count(json, "index", result->index);
    write_text(json, "id", result->external_id);
    write_text(json, "instrument", result->instrument);
    write_text(json, "due_on", result->due_on);
    write_text(json, "completed_on", result->completed_on);
    write_text(json, "outcome", outcome_word(result->outcome));
    write_number(json, "score", result->has_score, result->score);
    write_text(json, "score_code", result->score_code);
    write_number(json, "vas", result->has_vas, result->vas);
    write_text(json, "severity", result->severity);
    write_count(json, "missing_items", result->missing_items);
    json_key(json, "is_prorated");
    json_bool(json, result->is_prorated);
    json_key(json, "issues");
    json_begin(json, '[');
    for (size_t i = 0; i < result->n_issues; i++) {
        const Walkie__Epro__V1__Issue *issue = result->issues[i];
        write_finding(json, issue->kind, issue->link_id, issue->text);
    }
    json_end(json, ']');
    json_key(json, "alerts");
    json_begin(json, '[');
    for (size_t i = 0; i < result->n_alerts; i++) {
        const Walkie__Epro__V1__Alert *alert = result->alerts[i];
        write_finding(json, alert->kind, alert->link_id, alert->text);
    }
    json_end(json, ']');
    json_end(json, '}');
}

static void write_counts(struct json_writer *json, const Walkie__Epro__V1__Counts *counts)
{
    static const Walkie__Epro__V1__Counts NONE = WALKIE__EPRO__V1__COUNTS__INIT;
    const Walkie__Epro__V1__Counts *told = counts == NULL ? &NONE : counts;
    json_key(json, "counts");
    json_begin(json, '{');
    write_count(json, "responses", told->responses);
    write_count(json, "stored", told->stored);
    write_count(json, "unchanged", told->unchanged);
    write_count(json, "rejected", told->rejected);
    write_count(json, "issues", told->issues);
    write_count(json, "issues_left_out", told->issues_left_out);
    write_count(json, "alerts", told->alerts);
    write_count(json, "alerts_raised", told->alerts_raised);
    write_count(json, "alerts_closed", told->alerts_closed);
    json_end(json, '}');
}

static enum status append_piece(void *arg, struct bytes piece)
{
    return buffer_append(arg, piece.data, piece.len);
}

static enum status write_answer(
    const Walkie__Epro__V1__SubmitResponsesReply *reply, struct buffer *text)
{
    struct json_writer json;
    json_init(&json, append_piece, text);
    json_begin(&json, '{');
    write_text(&json, "study", reply->study);
    write_text(&json, "center", reply->site_no);
    write_text(&json, "patient", reply->patient);
    write_counts(&json, reply->counts);
    json_key(&json, "results");
    json_begin(&json, '[');
    for (size_t i = 0; i < reply->n_results; i++) {
        write_result(&json, reply->results[i]);
    }
    json_end(&json, ']');
    json_end(&json, '}');
    return json_finish(&json);
}

/* --- the call ------------------------------------------------------------------------------- */

static void on_reply(void *arg, struct bytes message)
{
    enum { ANSWER_MAX = 64 << 20 }; /* far above what becomes of a frame */
    struct request *request = arg;
    Walkie__Epro__V1__SubmitResponsesReply *reply =
        walkie__epro__v1__submit_responses_reply__unpack(NULL, message.len, message.data);
    if (reply == NULL) {
        return; /* on_end answers: nothing was sent */
    }
    CLEANUP(buffer_finish) struct buffer text = BUFFER_EMPTY(ANSWER_MAX);
    enum status status = write_answer(reply, &text);
    walkie__epro__v1__submit_responses_reply__free_unpacked(reply, NULL);
    if (status != STATUS_OK) {
        return;
    }
    timing_note_call(request);
    request->is_answer_begun = true;
    http_respond_header(request->exchange, "Cache-Control", "private, no-store");
    http_respond(request->exchange, 200, "application/json", buffer_bytes(&text));
}

enum status handle_epro_responses(struct request *request, struct error *ret_error)
{
    static const struct rpc_call_events EVENTS = {.on_reply = on_reply, .on_end = request_on_end};
    Walkie__Epro__V1__SubmitResponsesRequest message =
        WALKIE__EPRO__V1__SUBMIT_RESPONSES_REQUEST__INIT;
    enum status status = field_pace(request, &message.pace_ms, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    struct bytes body = http_body(request->exchange);
    message.fhir = (ProtobufCBinaryData){.data = (uint8_t *)body.data, .len = body.len};
    message.patient = request->path_argument;
    message.study = field_text(request, "study");
    message.site_no = field_text(request, "center");
    message.language = field_text(request, "language");
    message.requester = field_requester(request);
    return request_call(request, &EPRO_SUBMIT_RESPONSES, &message.base, &EVENTS, ret_error);
}
