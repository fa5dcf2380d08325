/* Any bytes are CSV or refused: no crash, no endless loop, and the fields add up to no more than
 * the input. The first byte chooses the form and how the rest is cut into chunks. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "import/csv.h"

struct source {
    const uint8_t *data;
    size_t len;
    size_t step;
};

static enum status read_source(
    void *arg, void *data, size_t size, size_t *ret_len, struct error *ret_error)
{
    (void)ret_error;
    struct source *source = arg;
    size_t len = source->len < source->step ? source->len : source->step;
    len = len < size ? len : size;
    memcpy(data, source->data, len);
    source->data += len;
    source->len -= len;
    *ret_len = len;
    return STATUS_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len == 0) {
        return 0;
    }
    struct source source = {data + 1, len - 1, (size_t)(data[0] >> 1) + 1};
    struct csv *csv = csv_new((data[0] & 1) != 0 ? CSV_LINES : CSV_COMMA, read_source, &source);
    if (csv == NULL) {
        return 0;
    }
    struct csv_record record;
    struct error error = ERROR_NONE;
    bool has_record = true;
    uint64_t last_line = 0;
    size_t n_bytes = 0;
    while (csv_next(csv, &record, &has_record, &error) == STATUS_OK && has_record) {
        if (record.line <= last_line || record.n_fields == 0) {
            abort();
        }
        last_line = record.line;
        for (size_t i = 0; i < record.n_fields; i++) {
            n_bytes += strlen(record.fields[i]);
        }
    }
    if (n_bytes > len) {
        abort();
    }
    csv_free(csv);
    return 0;
}
