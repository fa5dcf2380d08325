#include "import/complaints.h"

#include <inttypes.h>
#include <stdarg.h>

#include "import/progress.h"

/* Control bytes of a broken file would move the terminal's cursor. */
static void make_printable(char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7F) {
            *text = '?';
        }
    }
}

void complain(
    struct complaints *complaints, const char *file, uint64_t line, const char *format, ...)
{
    complaints->n++;
    if (complaints->n > COMPLAINTS_SHOWN_MAX) {
        return;
    }
    char text[COMPLAINT_TEXT_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    make_printable(text);
    if (complaints->n == 1) {
        struct error cut; /* a long text is cut between two characters */
        error_record(&cut, STATUS_DATA_LOSS, "%s:%" PRIu64 ": %s", file, line, text);
        snprintf(
            complaints->first, sizeof(complaints->first), "%.*s", COMPLAINT_TEXT_MAX - 1, cut.text);
    }
    if (complaints->output != NULL) {
        progress_wipe(complaints->progress);
        fprintf(complaints->output, "%s:%" PRIu64 ": %s\n", file, line, text);
    }
}

enum status complaints_end(
    struct complaints *complaints, const char *input, struct error *ret_error)
{
    if (complaints->n == 0) {
        return STATUS_OK;
    }
    if (complaints->output != NULL && complaints->n > COMPLAINTS_SHOWN_MAX) {
        fprintf(complaints->output, "and %" PRIu64 " more\n", complaints->n - COMPLAINTS_SHOWN_MAX);
    }
    return error_set(ret_error, STATUS_DATA_LOSS, "%s: %" PRIu64 " error%s; nothing was loaded",
        input, complaints->n, complaints->n == 1 ? "" : "s");
}
