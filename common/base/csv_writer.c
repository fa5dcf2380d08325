#include "base/csv_writer.h"

#include <string.h>

#include "base/utf8.h"

static void hand_out(struct csv_writer *csv)
{
    if (csv->status == STATUS_OK && csv->len > 0) {
        csv->status = csv->write(csv->arg, (struct bytes){csv->piece, csv->len});
    }
    csv->len = 0;
}

static void put(struct csv_writer *csv, const char *data, size_t len)
{
    while (len > 0) {
        size_t room = CSV_PIECE_MAX - csv->len;
        size_t n = len < room ? len : room;
        memcpy(csv->piece + csv->len, data, n);
        csv->len += n;
        data += n;
        len -= n;
        if (csv->len == CSV_PIECE_MAX) {
            hand_out(csv);
        }
    }
}

void csv_init(struct csv_writer *csv, csv_write_fn *write, void *arg)
{
    csv->write = write;
    csv->arg = arg;
    csv->status = STATUS_OK;
    csv->is_in_row = false;
    csv->len = 0;
    put(csv, "\xEF\xBB\xBF", 3);
}

bool csv_is_formula(const char *text)
{
    /* The full-width signs count as the plain ones where a spreadsheet speaks an Asian language. */
    static const char *const STARTS[] = {
        "=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"};
    for (size_t i = 0; i < LENGTH_OF(STARTS); i++) {
        if (strncmp(text, STARTS[i], strlen(STARTS[i])) == 0) {
            return true;
        }
    }
    return false;
}

static void begin_field(struct csv_writer *csv)
{
    if (csv->is_in_row) {
        put(csv, ",", 1);
    }
    csv->is_in_row = true;
}

void csv_text(struct csv_writer *csv, const char *text)
{
    begin_field(csv);
    if (text == NULL) {
        return;
    }
    bool is_marked = csv_is_formula(text) || *text == '\'';
    bool is_quoted = strpbrk(text, ",\"\r\n") != NULL;
    put(csv, "\"", is_quoted ? 1 : 0);
    put(csv, "'", is_marked ? 1 : 0);
    const char *end = text + strlen(text);
    const char *plain = text; /* the run of bytes that go as they are */
    for (const char *at = text; at < end;) {
        uint32_t codepoint;
        size_t len = utf8_decode(at, end, &codepoint);
        bool is_damaged = utf8_is_damaged(len, codepoint);
        if (is_damaged || *at == '"') {
            put(csv, plain, (size_t)(at - plain));
            put(csv, is_damaged ? UTF8_REPLACEMENT_TEXT : "\"\"", is_damaged ? 3 : 2);
            plain = at + len;
        }
        at += len;
    }
    put(csv, plain, (size_t)(end - plain));
    put(csv, "\"", is_quoted ? 1 : 0);
}

void csv_plain(struct csv_writer *csv, const char *text)
{
    begin_field(csv);
    put(csv, text, strlen(text));
}

void csv_end_row(struct csv_writer *csv)
{
    put(csv, "\r\n", 2);
    csv->is_in_row = false;
}

enum status csv_finish(struct csv_writer *csv)
{
    hand_out(csv);
    return csv->status;
}
