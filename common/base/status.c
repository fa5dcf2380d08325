#include "base/status.h"

#include <stddef.h>

#include "base/attributes.h"

struct status_row {
    const char *name;
    const char *text;
    int http_code;
    bool is_retryable;
};

static const struct status_row STATUS_ROWS[] = {
#define STATUS_ROW(name, wire, http, retryable, text) [wire] = {#name, text, http, retryable},
    STATUS_TABLE(STATUS_ROW)
#undef STATUS_ROW
};

static const struct status_row *status_row(enum status status)
{
    size_t index = (size_t)status;
    return &STATUS_ROWS[index < LENGTH_OF(STATUS_ROWS) ? index : STATUS_UNKNOWN];
}

const char *status_name(enum status status)
{
    return status_row(status)->name;
}

const char *status_text(enum status status)
{
    return status_row(status)->text;
}

int status_http_code(enum status status)
{
    return status_row(status)->http_code;
}

bool status_is_retryable(enum status status)
{
    return status_row(status)->is_retryable;
}

enum status status_from_wire(unsigned int wire)
{
    return wire < LENGTH_OF(STATUS_ROWS) ? (enum status)wire : STATUS_UNKNOWN;
}
