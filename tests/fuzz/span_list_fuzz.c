/* Any bytes as the spans that an END brings: refused, or within the call's time and the log's
 * bounds; and what was understood can be packed and read again. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "rpc/span_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { SENT_NS = 1000, READ_NS = 5000000 };

static void check(const struct span_record *record)
{
    if (record->start_ns < SENT_NS || record->end_ns > READ_NS ||
        record->end_ns < record->start_ns || record->id == 0 ||
        memchr(record->name, 0, sizeof(record->name)) == NULL ||
        memchr(record->text, 0, sizeof(record->text)) == NULL ||
        memchr(record->service, 0, sizeof(record->service)) == NULL) {
        abort();
    }
    for (size_t i = 0; i < SPAN_NUMBERS_MAX; i++) {
        if (record->numbers[i].key != SPAN_NONE && span_key_word(record->numbers[i].key) == NULL) {
            abort();
        }
    }
}

static void read_again(const struct span_record *records, size_t n)
{
    struct span_log *log = span_log_new();
    if (log == NULL) {
        return;
    }
    struct buffer packed = span_wire_pack(&(struct span_list){.service = "again",
        .received_ns = SENT_NS,
        .now_ns = READ_NS,
        .records = records,
        .n_records = n});
    struct span_anchor anchor = {.sent_ns = SENT_NS, .read_ns = READ_NS};
    if (packed.len > SPAN_WIRE_MAX || !span_wire_unpack(buffer_bytes(&packed), &anchor, log)) {
        abort();
    }
    buffer_finish(&packed);
    span_log_unref(log);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct span_log *log = span_log_new();
    struct span_anchor anchor = {.sent_ns = SENT_NS, .read_ns = READ_NS};
    if (log == NULL) {
        return 0;
    }
    if (span_wire_unpack((struct bytes){data, len}, &anchor, log)) {
        struct span_record *records;
        size_t n = span_log_copy(log, 0, &records);
        if (n > SPAN_LOG_MAX || span_log_bytes(log) > SPAN_LOG_BYTES_MAX) {
            abort();
        }
        for (size_t i = 0; i < n; i++) {
            check(&records[i]);
        }
        read_again(records, n);
        free(records);
    }
    span_log_unref(log);
    return 0;
}
