/* A file without a name: gone when its last descriptor is closed, whatever happens.
 *
 *     int fd = temp_file_open(folder, "walkie-report");
 *     if (fd < 0) { … strerror(errno) … }
 *
 * For a moment it has the name FOLDER/PREFIX.XXXXXX. Not here: files that are kept. */
#ifndef WALKIE_BASE_TEMP_FILE_H
#define WALKIE_BASE_TEMP_FILE_H

#include "base/attributes.h"

enum { TEMP_FILE_PATH_MAX = 4096 };

/* Open for reading and writing, mode 600. The caller closes it. Threads: any.
 * Errors: -1 with errno (ENAMETOOLONG: the folder's name). */
MUST_USE int temp_file_open(const char *folder, const char *prefix);

#endif
