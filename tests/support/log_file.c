#include "support/log_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

enum { WAIT_SECONDS = 20 };

static char path[] = "/tmp/walkie-test-log-XXXXXX";

void log_file_start(enum log_level level)
{
    int fd = mkstemp(path);
    const struct log_options options = {
        .service = "test", .format = LOG_FORMAT_JSON, .level = level, .path = path};
    struct error error = ERROR_NONE;
    if (fd < 0 || log_init(&options, &error) != STATUS_OK) {
        fprintf(stderr, "no log file: %s\n", error.text);
        exit(1);
    }
    close(fd);
}

void log_file_clear(void)
{
    if (truncate(path, 0) != 0) {
        exit(1);
    }
}

void log_file_end(void)
{
    unlink(path);
}

/* Count the lines that fit; the latest goes to `line`. */
static unsigned int scan(const char *event, const char *text, char *line, size_t size)
{
    char wanted[64];
    char next[LOG_LINE_MAX + 1];
    unsigned int n_found = 0;
    snprintf(wanted, sizeof(wanted), "\"event\":\"%s\"", event);
    FILE *file = fopen(path, "r");
    while (file != NULL && fgets(next, sizeof(next), file) != NULL) {
        if (strstr(next, wanted) != NULL && strstr(next, text) != NULL) {
            snprintf(line, size, "%s", next);
            n_found++;
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    return n_found;
}

unsigned int log_file_count(const char *event, const char *text)
{
    char line[LOG_LINE_MAX + 1];
    return scan(event, text, line, sizeof(line));
}

const char *log_file_find(const char *event, const char *text)
{
    static char line[LOG_LINE_MAX + 1];
    return scan(event, text, line, sizeof(line)) > 0 ? line : NULL;
}

const char *log_file_wait(const char *event, const char *text)
{
    const struct timespec pause = {.tv_nsec = (long)CLOCK_MS(1)};
    struct timespec start;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &start);
    const char *line;
    do {
        line = log_file_find(event, text);
        nanosleep(&pause, NULL);
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while (line == NULL && now.tv_sec - start.tv_sec < WAIT_SECONDS);
    return line;
}

double log_file_number(const char *line, const char *field)
{
    char name[64];
    snprintf(name, sizeof(name), "\"%s\":", field);
    const char *at = strstr(line, name);
    return at == NULL ? -1 : strtod(at + strlen(name), NULL);
}
