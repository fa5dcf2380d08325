#include "obs/log_words.h"

#include <string.h>

struct event_row {
    const char *event;
    const char *words[2];
};

static const struct event_row EVENT_ROWS[] = {
#define EVENT_ROW(event, english, chinese) {event, {english, chinese}},
    LOG_EVENT_TABLE(EVENT_ROW)
#undef EVENT_ROW
};

static const char *const LEVEL_WORDS[][2] = {
    [LOG_LEVEL_DEBUG] = {"DEBUG", "调试"},
    [LOG_LEVEL_INFO] = {"INFO ", "信息"},
    [LOG_LEVEL_WARN] = {"WARN ", "警告"},
    [LOG_LEVEL_ERROR] = {"ERROR", "错误"},
};

const char *log_event_words(const char *event, enum log_language language)
{
    for (size_t i = 0; i < LENGTH_OF(EVENT_ROWS); i++) {
        if (strcmp(EVENT_ROWS[i].event, event) == 0) {
            return EVENT_ROWS[i].words[language];
        }
    }
    return "";
}

const char *log_level_word(enum log_level level, enum log_language language)
{
    return LEVEL_WORDS[level][language];
}
