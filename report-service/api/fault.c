#include "api/fault.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"

enum { FAULT_TEXT_MAX = 512 };

enum fault_kind { FAULT_DELAY, FAULT_RATE };

struct fault_row {
    const char *name;
    enum fault_kind kind;
    size_t offset; /* of the uint64_t or double in struct faults */
};

static const struct fault_row ROWS[] = {
    {"edc.delay", FAULT_DELAY, offsetof(struct faults, edc_delay_ns)},
    {"ctms.delay", FAULT_DELAY, offsetof(struct faults, ctms_delay_ns)},
    {"edc.error", FAULT_RATE, offsetof(struct faults, edc_error_rate)},
    {"ctms.error", FAULT_RATE, offsetof(struct faults, ctms_error_rate)},
    {"render.delay", FAULT_DELAY, offsetof(struct faults, render_delay_ns)},
    {"work.deaf", FAULT_RATE, offsetof(struct faults, work_deaf_rate)},
    {"rpc.delay", FAULT_DELAY, offsetof(struct faults, rpc_delay_ns)},
    {"rpc.error", FAULT_RATE, offsetof(struct faults, rpc_error_rate)},
};

static const struct fault_row *find_row(const char *name)
{
    for (size_t i = 0; i < LENGTH_OF(ROWS); i++) {
        if (strcmp(ROWS[i].name, name) == 0) {
            return &ROWS[i];
        }
    }
    return NULL;
}

static enum status parse_one(char *word, struct faults *faults, struct error *ret_error)
{
    char *equals = strchr(word, '=');
    if (equals != NULL) {
        *equals = '\0';
    }
    const struct fault_row *row = find_row(word);
    if (row == NULL || equals == NULL) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "fault: %s is none of edc.delay=DURATION, ctms.delay=DURATION, edc.error=RATE, "
            "ctms.error=RATE, render.delay=DURATION, work.deaf=RATE, rpc.delay=DURATION, "
            "rpc.error=RATE",
            word);
    }
    const char *value = equals + 1;
    char *field = (char *)faults + row->offset;
    switch (row->kind) {
    case FAULT_DELAY: {
        uint64_t delay_ns = 0;
        if (!duration_parse(value, &delay_ns)) {
            return error_set(ret_error, STATUS_INVALID_ARGUMENT,
                "fault: %s=%s is no duration such as 500ms or 2s", word, value);
        }
        memcpy(field, &delay_ns, sizeof(delay_ns));
        break;
    }
    case FAULT_RATE: {
        char *end = NULL;
        double rate = strtod(value, &end);
        if (end == value || *end != '\0' || !(rate >= 0 && rate <= 1)) {
            return error_set(ret_error, STATUS_INVALID_ARGUMENT,
                "fault: %s=%s is no rate from 0 to 1", word, value);
        }
        *(double *)(void *)field = rate; /* a row of this kind points at a double */
        break;
    }
    }
    return STATUS_OK;
}

enum status fault_parse(const char *text, struct faults *ret_faults, struct error *ret_error)
{
    char words[FAULT_TEXT_MAX];
    if (strlen(text) >= sizeof(words)) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT, "fault: longer than %d characters",
            FAULT_TEXT_MAX - 1);
    }
    strcpy(words, text);
    struct faults faults = {.edc_delay_ns = 0};
    char *rest = NULL;
    for (char *word = strtok_r(words, ",", &rest); word != NULL;
         word = strtok_r(NULL, ",", &rest)) {
        enum status status = parse_one(word, &faults, ret_error);
        if (status != STATUS_OK) {
            return status;
        }
    }
    *ret_faults = faults;
    return STATUS_OK;
}
