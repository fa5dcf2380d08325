/* The log of this process in a file, for tests of what is logged.
 *
 *     log_file_start(LOG_LEVEL_WARN);
 *     …
 *     const char *line = log_file_wait("ctx.deaf", "\"stage\":\"burning\"");
 *     assert_int_equal(log_file_count("ctx.deaf", ""), 1);
 *     log_file_end();
 *
 * Lines are JSON. Threads: the test's. Not here: parsing them. */
#ifndef WALKIE_TESTS_LOG_FILE_H
#define WALKIE_TESTS_LOG_FILE_H

#include "obs/log.h"

/* Log to a fresh file from now on. Exits the program on failure. */
void log_file_start(enum log_level level);
/* Forget the lines so far. */
void log_file_clear(void);
/* Remove the file. */
void log_file_end(void);

/* The latest line of the event that contains the text, waited for (bounded); NULL: none came.
 * Static storage, until the next call. */
const char *log_file_wait(const char *event, const char *text);
/* The same, as of now. */
const char *log_file_find(const char *event, const char *text);

/* How many lines of the event contain the text now. */
unsigned int log_file_count(const char *event, const char *text);

/* The number in a field of a line, -1 when it is not there. */
double log_file_number(const char *line, const char *field);

#endif
