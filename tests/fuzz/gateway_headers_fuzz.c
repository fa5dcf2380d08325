/* Arbitrary header values of reports and their results: Range, Accept, Prefer, Content-Type; and
 * data of events. A range lies within the file, an event is one event. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/event_stream.h"
#include "api/operation_range.h"
#include "api/report_operation.h"
#include "api/report_stream.h"
#include "api/request_body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check_range(const char *text, uint64_t bytes)
{
    struct file_range range = {0, 0};
    switch (operation_range(text, bytes, &range)) {
    case RANGE_WHOLE:
        if (range.start != 0 || range.len != bytes) {
            abort();
        }
        break;
    case RANGE_PART:
        if (range.len == 0 || range.len > bytes || range.start > bytes - range.len) {
            abort();
        }
        break;
    case RANGE_UNSATISFIABLE:
        break;
    }
}

/* Two line ends in a row are the event's end, and nowhere else. */
static void check_event(struct bytes data)
{
    struct buffer text = BUFFER_EMPTY(2 * EVENT_DATA_MAX);
    if (event_write(&text, "progress", 1, data) == STATUS_OK) {
        size_t n_lines = 0;
        for (size_t i = 0; i < text.len; i++) {
            n_lines += text.data[i] == '\n';
        }
        if (n_lines != 4 || text.data[text.len - 1] != '\n') {
            abort();
        }
    }
    buffer_finish(&text);
}

/* What is taken is of one type of the list, and is taken for that alone, too. */
static void check_type(const char *text)
{
    static const char FHIR[] = "application/fhir+json";
    static const char JSON[] = "application/json";
    bool is_fhir = strncasecmp(text, FHIR, sizeof(FHIR) - 1) == 0;
    bool is_json = strncasecmp(text, JSON, sizeof(JSON) - 1) == 0;
    if (request_body_is_of("application/fhir+json, application/json", text) &&
        ((!is_fhir && !is_json) || !request_body_is_of(is_fhir ? FHIR : JSON, text))) {
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
    static const uint64_t SIZES[] = {0, 1, 1000, UINT64_C(1) << 40};
    for (size_t i = 0; i < LENGTH_OF(SIZES); i++) {
        check_range(text, SIZES[i]);
    }
    (void)report_stream_accepts(text);
    (void)report_operation_prefers(text);
    check_type(text);
    check_event((struct bytes){data, len});
    free(text);
    return 0;
}
