#include "operations/record.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"

bool operation_new_id(char ret_id[OPERATION_ID_MAX])
{
    uint8_t bytes[OPERATION_ID_LEN / 2];
    if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes)) {
        return false;
    }
    for (size_t i = 0; i < sizeof(bytes); i++) {
        snprintf(ret_id + 2 * i, 3, "%02x", bytes[i]);
    }
    return true;
}

bool operation_is_id(const char *text)
{
    return strlen(text) == OPERATION_ID_LEN && strspn(text, "0123456789abcdef") == OPERATION_ID_LEN;
}

int64_t operation_now_ms(void)
{
    return clock_epoch_us() / 1000;
}

void operation_copy_text(char *text, size_t size, const char *from)
{
    size_t len = strlen(from);
    if (len >= size) {
        len = size - 1;
        while (len > 0 && ((uint8_t)from[len] & 0xC0) == 0x80) {
            len--;
        }
    }
    memcpy(text, from, len);
    text[len] = '\0';
}

enum status operation_record_init(
    struct operation_record *ret_record, const char *owner, const char *path)
{
    if (strlen(owner) >= OPERATION_OWNER_MAX) {
        return STATUS_INVALID_ARGUMENT;
    }
    struct operation_record record = {.state = OPERATION_RUNNING};
    if (!operation_new_id(record.id)) {
        return STATUS_UNAVAILABLE;
    }
    snprintf(record.owner, sizeof(record.owner), "%s", owner);
    operation_copy_text(record.path, sizeof(record.path), path);
    record.created_ms = operation_now_ms();
    *ret_record = record;
    return STATUS_OK;
}

static const char *const WORDS[] = {
    [OPERATION_RUNNING] = "running",
    [OPERATION_DONE] = "done",
    [OPERATION_FAILED] = "failed",
    [OPERATION_CANCELLED] = "cancelled",
};

const char *operation_state_word(enum operation_state state)
{
    return WORDS[state];
}

enum operation_state operation_state_of(const char *word)
{
    for (size_t i = 0; i < LENGTH_OF(WORDS); i++) {
        if (word != NULL && strcmp(word, WORDS[i]) == 0) {
            return (enum operation_state)i;
        }
    }
    return OPERATION_FAILED;
}
