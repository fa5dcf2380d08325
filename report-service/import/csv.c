#include "import/csv.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { CSV_CHUNK_LEN = 64 * 1024 };

struct csv {
    csv_read_fn *read;
    void *arg;
    enum csv_form form;
    uint64_t line; /* of the byte at `at` */
    bool has_started;
    bool has_ended; /* the source has no more bytes */
    size_t at;      /* of the chunk's next byte */
    size_t chunk_len;
    size_t record_len;
    size_t n_fields;
    const char *fields[CSV_FIELDS_MAX];
    bool is_quoted[CSV_FIELDS_MAX];
    size_t starts[CSV_FIELDS_MAX]; /* of the fields in `record` */
    unsigned char chunk[CSV_CHUNK_LEN];
    char record[CSV_RECORD_LEN_MAX];
};

struct csv *csv_new(enum csv_form form, csv_read_fn *read, void *arg)
{
    struct csv *csv = malloc(sizeof(*csv)); /* not calloc: a megabyte that need not be touched */
    if (csv == NULL) {
        return NULL;
    }
    csv->read = read;
    csv->arg = arg;
    csv->form = form;
    csv->line = 1;
    csv->has_started = csv->has_ended = false;
    csv->at = csv->chunk_len = 0;
    csv->record_len = csv->n_fields = 0;
    return csv;
}

void csv_free(struct csv *csv)
{
    free(csv);
}

enum { END_OF_INPUT = -1 };

/* The next byte without taking it, END_OF_INPUT when there is none. */
static enum status peek(struct csv *csv, int *ret_byte, struct error *ret_error)
{
    if (csv->at == csv->chunk_len && !csv->has_ended) {
        enum status status =
            csv->read(csv->arg, csv->chunk, sizeof(csv->chunk), &csv->chunk_len, ret_error);
        if (status != STATUS_OK) {
            return status;
        }
        csv->at = 0;
        csv->has_ended = csv->chunk_len == 0;
    }
    *ret_byte = csv->at == csv->chunk_len ? END_OF_INPUT : csv->chunk[csv->at];
    return STATUS_OK;
}

static enum status fail_at(const struct csv *csv, const char *what, struct error *ret_error)
{
    return error_set(ret_error, STATUS_INVALID_ARGUMENT, "line %" PRIu64 ": %s", csv->line, what);
}

static enum status put(struct csv *csv, char byte, struct error *ret_error)
{
    if (csv->record_len == CSV_RECORD_LEN_MAX) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED,
            "line %" PRIu64 ": a record of more than %d bytes", csv->line, CSV_RECORD_LEN_MAX);
    }
    csv->record[csv->record_len++] = byte;
    return STATUS_OK;
}

/* Copy what needs no thought: bytes of the chunk up to one that ends or quotes something. This is
 * where the time goes, so it is a loop over memory. */
static enum status put_plain(struct csv *csv, bool is_quoted, struct error *ret_error)
{
    bool has_quotes = csv->form == CSV_COMMA;
    size_t end = csv->at;
    while (end < csv->chunk_len) {
        unsigned char byte = csv->chunk[end];
        if (byte == '\n' || byte == '\0' || (has_quotes && byte == '"') ||
            (has_quotes && !is_quoted && byte == ',')) {
            break;
        }
        end++;
    }
    size_t len = end - csv->at;
    if (len > CSV_RECORD_LEN_MAX - csv->record_len) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED,
            "line %" PRIu64 ": a record of more than %d bytes", csv->line, CSV_RECORD_LEN_MAX);
    }
    memcpy(csv->record + csv->record_len, csv->chunk + csv->at, len);
    csv->record_len += len;
    csv->at = end;
    return STATUS_OK;
}

/* After the opening quote, up to and over the closing one. */
static enum status read_quoted(struct csv *csv, struct error *ret_error)
{
    for (;;) {
        int byte = END_OF_INPUT;
        enum status status = put_plain(csv, true, ret_error);
        if (status == STATUS_OK) {
            status = peek(csv, &byte, ret_error);
        }
        if (status == STATUS_OK && byte == END_OF_INPUT) {
            status = fail_at(csv, "a quoted field is not closed", ret_error);
        }
        if (status == STATUS_OK && byte == '\0') {
            status = fail_at(csv, "a NUL byte", ret_error);
        }
        if (status != STATUS_OK) {
            return status;
        }
        if (byte != '"' && byte != '\n') {
            continue; /* a new chunk */
        }
        csv->at++;
        csv->line += byte == '\n' ? 1 : 0;
        if (byte == '"') {
            status = peek(csv, &byte, ret_error);
            if (status != STATUS_OK || byte != '"') {
                return status; /* closed */
            }
            csv->at++;
        }
        status = put(csv, (char)byte, ret_error);
        if (status != STATUS_OK) {
            return status;
        }
    }
}

static enum status begin_field(struct csv *csv, struct error *ret_error)
{
    if (csv->n_fields == CSV_FIELDS_MAX) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED,
            "line %" PRIu64 ": a record of more than %d fields", csv->line, CSV_FIELDS_MAX);
    }
    csv->is_quoted[csv->n_fields] = false;
    csv->starts[csv->n_fields++] = csv->record_len;
    return STATUS_OK;
}

/* Up to the byte that ends the field, without taking it. */
static enum status read_unquoted(struct csv *csv, int *ret_byte, struct error *ret_error)
{
    enum status status = STATUS_OK;
    int byte = END_OF_INPUT;
    do {
        status = put_plain(csv, false, ret_error);
        if (status == STATUS_OK) {
            status = peek(csv, &byte, ret_error);
        }
    } while (status == STATUS_OK && byte != END_OF_INPUT && byte != '\n' && byte != '\0' &&
             (csv->form == CSV_LINES || (byte != ',' && byte != '"')));
    if (status == STATUS_OK && byte == '"') {
        status = fail_at(csv, "a quote within a field that does not begin with one", ret_error);
    }
    /* A CR belongs to the line's end. */
    bool is_line_end = byte == '\n' || byte == END_OF_INPUT;
    if (is_line_end && csv->record_len > csv->starts[csv->n_fields - 1] &&
        csv->record[csv->record_len - 1] == '\r') {
        csv->record_len--;
    }
    *ret_byte = byte;
    return status;
}

/* What follows a closing quote: the byte that ends the field, without taking it. */
static enum status read_after_quote(struct csv *csv, int *ret_byte, struct error *ret_error)
{
    enum status status = peek(csv, ret_byte, ret_error);
    bool has_return = status == STATUS_OK && *ret_byte == '\r';
    if (has_return) {
        csv->at++;
        status = peek(csv, ret_byte, ret_error);
    }
    if (status == STATUS_OK && *ret_byte != END_OF_INPUT && *ret_byte != '\n' &&
        (has_return || *ret_byte != ',')) {
        status = fail_at(csv, "text after a closing quote", ret_error);
    }
    return status;
}

/* One field and the separator or line end after it. */
static enum status read_field(struct csv *csv, bool *ret_is_last, struct error *ret_error)
{
    int byte = END_OF_INPUT;
    enum status status = begin_field(csv, ret_error);
    if (status == STATUS_OK) {
        status = peek(csv, &byte, ret_error);
    }
    if (status == STATUS_OK && byte == '"' && csv->form == CSV_COMMA) {
        csv->at++;
        csv->is_quoted[csv->n_fields - 1] = true;
        status = read_quoted(csv, ret_error);
        if (status == STATUS_OK) {
            status = read_after_quote(csv, &byte, ret_error);
        }
    } else if (status == STATUS_OK) {
        status = read_unquoted(csv, &byte, ret_error);
    }
    if (status == STATUS_OK && byte == '\0') {
        status = fail_at(csv, "a NUL byte", ret_error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    csv->at += byte == END_OF_INPUT ? 0 : 1;
    csv->line += byte == '\n' ? 1 : 0;
    *ret_is_last = byte != ',' || csv->form == CSV_LINES;
    return put(csv, '\0', ret_error);
}

static enum status skip_mark(struct csv *csv, struct error *ret_error)
{
    static const unsigned char MARK[] = {0xEF, 0xBB, 0xBF};
    int byte;
    enum status status = peek(csv, &byte, ret_error);
    if (status == STATUS_OK && csv->chunk_len >= sizeof(MARK) &&
        memcmp(csv->chunk, MARK, sizeof(MARK)) == 0) {
        csv->at = sizeof(MARK);
    }
    csv->has_started = true;
    return status;
}

enum status csv_next(
    struct csv *csv, struct csv_record *ret_record, bool *ret_has_record, struct error *ret_error)
{
    int byte = END_OF_INPUT;
    enum status status = csv->has_started ? STATUS_OK : skip_mark(csv, ret_error);
    if (status == STATUS_OK) {
        status = peek(csv, &byte, ret_error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    if (byte == END_OF_INPUT) {
        *ret_has_record = false;
        return STATUS_OK;
    }
    uint64_t line = csv->line;
    bool is_last = false;
    csv->record_len = 0;
    csv->n_fields = 0;
    while (status == STATUS_OK && !is_last) {
        status = read_field(csv, &is_last, ret_error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    for (size_t i = 0; i < csv->n_fields; i++) {
        csv->fields[i] = csv->record + csv->starts[i];
    }
    *ret_record = (struct csv_record){csv->fields, csv->is_quoted, csv->n_fields, line};
    *ret_has_record = true;
    return STATUS_OK;
}
