/* The console: files that are part of the program. Nothing is read from disk, so the loop's thread
 * never waits. A browser keeps them and asks each time whether they have changed (no-cache and an
 * entity tag): after an update nobody runs a mixture of old and new modules. */
#include "api/console.h"

#include <string.h>

#include "api/handlers.h"
#include "web/files.h"

/* Scripts and styles of this gateway only, none within the page; a finished report is shown from
 * memory (blob:), with the browser's own viewer of PDF files. */
static const char POLICY[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; frame-src blob:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'";

static const struct web_file *find_file(const char *name)
{
    for (size_t i = 0; i < WEB_FILES_LEN; i++) {
        if (strcmp(WEB_FILES[i].name, name) == 0) {
            return &WEB_FILES[i];
        }
    }
    return NULL;
}

bool console_is_fresh(const char *if_none_match, const char *etag)
{
    if (if_none_match == NULL) {
        return false;
    }
    size_t len = strlen(etag);
    const char *at = if_none_match;
    for (;;) {
        at += strspn(at, " \t,");
        if (at[0] == '*') {
            return true;
        }
        at += strncmp(at, "W/", 2) == 0 ? 2 : 0;
        if (strncmp(at, etag, len) == 0 && strchr(" \t,", at[len]) != NULL) {
            return true;
        }
        /* Past this tag: within its quotes a comma may stand. */
        const char *close = at[0] == '"' ? strchr(at + 1, '"') : NULL;
        if (close == NULL) {
            return false;
        }
        at = close + 1;
    }
}

enum status handle_console(struct request *request, struct error *ret_error)
{
    const char *name = *request->path_argument == '\0' ? "index.html" : request->path_argument;
    const struct web_file *file = find_file(name);
    if (file == NULL) {
        return error_set(ret_error, STATUS_NOT_FOUND, "the console has no such file");
    }
    struct http_exchange *exchange = request->exchange;
    http_respond_header(exchange, "Content-Security-Policy", POLICY);
    http_respond_header(exchange, "Cache-Control", "no-cache");
    http_respond_header(exchange, "ETag", file->etag);
    if (console_is_fresh(http_header(exchange, "If-None-Match"), file->etag)) {
        http_respond(exchange, 304, NULL, (struct bytes){NULL, 0});
    } else {
        http_respond(exchange, 200, file->content_type, file->content);
    }
    return STATUS_OK;
}
