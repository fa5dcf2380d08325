/* CSV for people's spreadsheets and for scripts: RFC 4180 (commas, CRLF, quotes doubled), UTF-8
 * with a byte order mark, without which Excel takes Chinese for something else.
 *
 *     csv_init(&csv, write, arg);
 *     csv_text(&csv, subject_no);
 *     csv_plain(&csv, "0.25");
 *     csv_end_row(&csv);
 *     status = csv_finish(&csv);
 *
 * Text that a spreadsheet would take for a formula (it begins with = + - @, a tab or a line break)
 * gets an apostrophe in front, and so does text that begins with an apostrophe: one apostrophe
 * taken off a text gives the data back. Numbers are not text. A failure of `write` sticks, as in
 * base/json_writer.h. Not here: reading CSV. */
#ifndef WALKIE_BASE_CSV_WRITER_H
#define WALKIE_BASE_CSV_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

enum { CSV_PIECE_MAX = 16 << 10 }; /* bytes of one piece handed to `write` */

typedef enum status csv_write_fn(void *arg, struct bytes piece);

struct csv_writer {
    csv_write_fn *write;
    void *arg;
    enum status status;
    bool is_in_row; /* a field of this row has been written */
    size_t len;
    uint8_t piece[CSV_PIECE_MAX];
};

/* Begins with the byte order mark. */
void csv_init(struct csv_writer *csv, csv_write_fn *write, void *arg);

void csv_text(struct csv_writer *csv, const char *text);  /* data; NULL: an empty field */
void csv_plain(struct csv_writer *csv, const char *text); /* our own: a number, an id, "" */
void csv_end_row(struct csv_writer *csv);

/* Hand out what is left. Returns the first failure. */
MUST_USE enum status csv_finish(struct csv_writer *csv);

/* Whether a spreadsheet could run it. */
bool csv_is_formula(const char *text);

#endif
