/* A stream of canonical JSON: no spaces, numbers in the shortest form that reads back as the same
 * double, text as UTF-8 with only what must be escaped (bytes that are no UTF-8 become U+FFFD). Or
 * the same for people, with line breaks.
 *
 *     struct json_writer json;
 *     json_init(&json, write, arg);
 *     json_begin(&json, '{');
 *     json_key(&json, "rate");
 *     json_number(&json, 0.25);
 *     json_end(&json, '}');
 *     status = json_finish(&json);          {"rate":0.25}
 *
 * A failure of `write` sticks: later calls do nothing, json_finish returns it. Commas are the
 * writer's business, correct nesting is the caller's. Not here: reading JSON. */
#ifndef WALKIE_BASE_JSON_WRITER_H
#define WALKIE_BASE_JSON_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

enum {
    JSON_PIECE_MAX = 64 * 1024, /* bytes of one piece handed to `write` */
    JSON_NUMBER_MAX = 32,       /* bytes of one number, with the NUL */
};

typedef enum status json_write_fn(void *arg, struct bytes piece);

struct json_writer {
    json_write_fn *write;
    void *arg;
    enum status status;
    bool needs_comma;
    bool is_after_key;
    bool is_pretty; /* set after json_init: a line a value, indented by two blanks */
    unsigned int depth;
    size_t len;
    uint8_t piece[JSON_PIECE_MAX];
};

void json_init(struct json_writer *json, json_write_fn *write, void *arg);

/* Hand out what is left. Returns the first failure. */
MUST_USE enum status json_finish(struct json_writer *json);

void json_begin(struct json_writer *json, char bracket); /* '{' or '[' */
void json_end(struct json_writer *json, char bracket);   /* '}' or ']' */
void json_key(struct json_writer *json, const char *key);
void json_null(struct json_writer *json);
void json_bool(struct json_writer *json, bool value);
void json_integer(struct json_writer *json, int64_t value);
void json_number(struct json_writer *json, double value);          /* not finite: null */
void json_text(struct json_writer *json, const char *text);        /* NULL: null */
void json_text_bytes(struct json_writer *json, struct bytes text); /* UTF-8, NULs included */
void json_raw(struct json_writer *json, const char *value); /* a value that is JSON already */

/* The number alone, in whatever locale. `value` is finite. */
void json_format_number(double value, char ret_text[JSON_NUMBER_MAX]);

#endif
