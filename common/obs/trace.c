/* getrandom is Linux's. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "obs/trace.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

const struct ctx_key TRACE_KEY = {"trace"};

/* Ids must be unique, not secret: a per-thread xoshiro256** seeded once by the kernel costs
 * nanoseconds where getrandom costs a system call an id. */
static uint64_t random_next(void)
{
    static _Thread_local uint64_t state[4];
    static _Thread_local bool is_seeded;
    if (!is_seeded) {
        if (getrandom(state, sizeof(state), 0) != (ssize_t)sizeof(state)) {
            state[0] = clock_now_ns();
            state[1] = (uint64_t)(uintptr_t)&state;
        }
        state[2] |= 1; /* never all zeros */
        is_seeded = true;
    }
    uint64_t scrambled = state[1] * 5;
    uint64_t result = ((scrambled << 7) | (scrambled >> 57)) * 9;
    uint64_t shifted = state[1] << 17;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = (state[3] << 45) | (state[3] >> 19);
    return result;
}

static void random_fill(uint8_t *bytes, size_t len)
{
    for (size_t at = 0; at < len; at += sizeof(uint64_t)) {
        uint64_t value = random_next();
        value = value == 0 ? 1 : value; /* all zeros is not an id */
        memcpy(bytes + at, &value, sizeof(value));
    }
}

void trace_init(struct trace *ret_trace)
{
    memset(ret_trace, 0, sizeof(*ret_trace));
    random_fill(ret_trace->trace_id, TRACE_ID_LEN);
    random_fill(ret_trace->span_id, SPAN_ID_LEN);
    ret_trace->flags = TRACE_SAMPLED;
}

void trace_new_span_id(uint8_t ret_span_id[SPAN_ID_LEN])
{
    random_fill(ret_span_id, SPAN_ID_LEN);
}

void trace_child(const struct trace *parent, struct trace *ret_trace)
{
    struct trace child = {.flags = parent->flags, .state = parent->state};
    memcpy(child.trace_id, parent->trace_id, TRACE_ID_LEN);
    memcpy(child.parent_span_id, parent->span_id, SPAN_ID_LEN);
    random_fill(child.span_id, SPAN_ID_LEN);
    *ret_trace = child;
}

static int hex_digit(char digit)
{
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/* `len` bytes from 2 * len lower-case hex digits; false when they are not, or are all zeros. */
static bool hex_parse(const char *text, uint8_t *bytes, size_t len)
{
    uint8_t any = 0;
    for (size_t i = 0; i < len; i++) {
        int high = hex_digit(text[2 * i]);
        int low = high < 0 ? -1 : hex_digit(text[2 * i + 1]);
        if (low < 0) {
            return false;
        }
        bytes[i] = (uint8_t)(high << 4 | low);
        any |= bytes[i];
    }
    return any != 0;
}

static void hex_print(const uint8_t *bytes, size_t len, char *text)
{
    static const char DIGITS[] = "0123456789abcdef";
    for (size_t i = 0; i < len; i++) {
        text[2 * i] = DIGITS[bytes[i] >> 4];
        text[2 * i + 1] = DIGITS[bytes[i] & 15];
    }
    text[2 * len] = '\0';
}

bool trace_parse(const char *traceparent, struct trace *ret_trace)
{
    enum { TRACE_AT = 3, SPAN_AT = 36, FLAGS_AT = 53, VERSION_0_LEN = 55 };
    struct trace caller = {.call_id = 0};
    size_t len = strlen(traceparent);
    bool has_shape = len >= VERSION_0_LEN && traceparent[2] == '-' &&
                     traceparent[SPAN_AT - 1] == '-' && traceparent[FLAGS_AT - 1] == '-' &&
                     hex_digit(traceparent[0]) >= 0 && hex_digit(traceparent[1]) >= 0 &&
                     hex_digit(traceparent[FLAGS_AT]) >= 0 &&
                     hex_digit(traceparent[FLAGS_AT + 1]) >= 0;
    if (!has_shape || strncmp(traceparent, "ff", 2) == 0) {
        return false;
    }
    /* Version 00 ends here; later versions may go on after another dash. */
    bool is_version_0 = strncmp(traceparent, "00", 2) == 0;
    if (len > VERSION_0_LEN && (is_version_0 || traceparent[VERSION_0_LEN] != '-')) {
        return false;
    }
    if (!hex_parse(traceparent + TRACE_AT, caller.trace_id, TRACE_ID_LEN) ||
        !hex_parse(traceparent + SPAN_AT, caller.span_id, SPAN_ID_LEN)) {
        return false;
    }
    caller.flags = (uint8_t)hex_digit(traceparent[FLAGS_AT + 1]) & TRACE_SAMPLED;
    trace_child(&caller, ret_trace);
    return true;
}

void trace_id_text(const struct trace *trace, char text[TRACE_ID_TEXT_MAX])
{
    hex_print(trace->trace_id, TRACE_ID_LEN, text);
}

void span_id_text(const uint8_t span_id[SPAN_ID_LEN], char text[SPAN_ID_TEXT_MAX])
{
    hex_print(span_id, SPAN_ID_LEN, text);
}

void trace_parent_text(const struct trace *trace, char text[TRACE_PARENT_TEXT_MAX])
{
    char trace_text[TRACE_ID_TEXT_MAX];
    char span_text[SPAN_ID_TEXT_MAX];
    trace_id_text(trace, trace_text);
    span_id_text(trace->span_id, span_text);
    snprintf(text, TRACE_PARENT_TEXT_MAX, "00-%s-%s-%02x", trace_text, span_text,
        trace->flags & TRACE_SAMPLED);
}

const struct trace *trace_of(const struct ctx *ctx)
{
    return ctx_value(ctx, &TRACE_KEY);
}
