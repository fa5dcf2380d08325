/* A folder of ours alone: what others must neither read nor put there.
 *
 *     int fd = private_folder_open("/var/lib/walkie/operations", &error);
 *     if (fd < 0) { … error.text says what is wrong with it … }
 *
 * Not here: making the folders above it, but for private_folder_make. */
#ifndef WALKIE_BASE_PRIVATE_FOLDER_H
#define WALKIE_BASE_PRIVATE_FOLDER_H

#include "base/error.h"

/* Open the folder, made (mode 700) when it is not there. It must be this user's, with no rights for
 * others, and no symbolic link. The caller closes the descriptor. Threads: any.
 * Errors: -1, UNAVAILABLE, with the folder's name and the reason. */
MUST_USE int private_folder_open(const char *path, struct error *ret_error);

/* Make the folders above it that are missing, for this user alone. Errors: UNAVAILABLE. */
MUST_USE enum status private_folder_make(const char *path, struct error *ret_error);

#endif
