/* The console's files, as they are in this folder, in memory.
 *
 *     for (size_t i = 0; i < WEB_FILES_LEN; i++) {
 *         if (strcmp(WEB_FILES[i].name, "index.html") == 0) { … }
 *     }
 *
 * embed.cmake makes the table. Not here: how they are served (api/console.c). */
#ifndef WALKIE_GATEWAY_WEB_FILES_H
#define WALKIE_GATEWAY_WEB_FILES_H

#include "base/bytes.h"

struct web_file {
    const char *name;         /* "main.js" */
    const char *content_type; /* with the charset */
    const char *etag;         /* the SHA-256 of its bytes in quotes: a strong entity tag */
    struct bytes content;
};

extern const struct web_file WEB_FILES[];
extern const size_t WEB_FILES_LEN;

#endif
