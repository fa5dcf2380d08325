/* Arbitrary headers: a line for traceparent, the rest for tracestate. What is accepted is told on
 * in a spelling that is accepted again and says the same. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "obs/trace.h"
#include "obs/tracestate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check_parent(const char *header)
{
    struct trace trace;
    struct trace back;
    char text[TRACE_PARENT_TEXT_MAX];
    if (!trace_parse(header, &trace)) {
        return;
    }
    trace_parent_text(&trace, text);
    if (!trace_parse(text, &back) || memcmp(back.trace_id, trace.trace_id, TRACE_ID_LEN) != 0 ||
        memcmp(back.parent_span_id, trace.span_id, SPAN_ID_LEN) != 0 || back.flags != trace.flags ||
        strncmp(header, "ff", 2) == 0) {
        abort();
    }
}

static void check_state(const char *header)
{
    char state[TRACESTATE_TEXT_MAX];
    char again[TRACESTATE_TEXT_MAX];
    bool is_right = tracestate_read(header, state);
    if (is_right != (*state != '\0') || strlen(state) >= TRACESTATE_TEXT_MAX) {
        abort();
    }
    if (is_right && (!tracestate_read(state, again) || strcmp(state, again) != 0)) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    char *text = malloc(len + 1);
    if (text == NULL) {
        return 0;
    }
    memcpy(text, data, len);
    text[len] = '\0';
    char *end = strchr(text, '\n');
    if (end != NULL) {
        *end = '\0';
        check_state(end + 1);
    }
    check_parent(text);
    free(text);
    return 0;
}
