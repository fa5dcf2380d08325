/* One log line in the making: a fixed piece of stack that fields are appended to, escaped. What
 * does not fit is left out as a whole field, and the line says so. */
#ifndef WALKIE_OBS_LOG_LINE_H
#define WALKIE_OBS_LOG_LINE_H

#include "obs/log.h"

struct log_line {
    char text[LOG_LINE_MAX];
    size_t len;
    enum log_format format;
    bool is_cut; /* at least one field did not fit */
};

/* Append text as it is; false (and nothing appended) when it does not fit. */
bool log_line_raw(struct log_line *line, const char *text);

/* Append the words of an event, with the values of the fields that they name in braces. Nothing,
 * when they do not fit. */
void log_line_words(
    struct log_line *line, const char *words, const struct log_field *fields, size_t n_fields);

/* Append one field (a leading separator included) in the line's format, or nothing but is_cut. */
void log_line_field(struct log_line *line, const struct log_field *field);

/* End the line: "}" in JSON, and the newline. There is always room for it. */
void log_line_end(struct log_line *line);

#endif
