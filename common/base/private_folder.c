#include "base/private_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FOLDER_PATH_MAX = 4096 };

int private_folder_open(const char *path, struct error *ret_error)
{
    if (mkdir(path, 0700) != 0 && errno != EEXIST) {
        error_set(ret_error, STATUS_UNAVAILABLE, "folder %s: %s", path, strerror(errno));
        return -1;
    }
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct stat folder;
    if (fd < 0 || fstat(fd, &folder) != 0) {
        error_set(ret_error, STATUS_UNAVAILABLE, "folder %s: %s", path, strerror(errno));
    } else if (folder.st_uid != geteuid() || (folder.st_mode & 077) != 0) {
        error_set(ret_error, STATUS_UNAVAILABLE,
            "folder %s: it is not this user's alone (mode 700)", path);
    } else {
        return fd;
    }
    if (fd >= 0) {
        close(fd);
    }
    return -1;
}

enum status private_folder_make(const char *path, struct error *ret_error)
{
    char part[FOLDER_PATH_MAX];
    if (strlen(path) >= sizeof(part)) {
        return error_set(ret_error, STATUS_UNAVAILABLE, "a folder's name is too long");
    }
    for (const char *at = strchr(path + 1, '/'); at != NULL; at = strchr(at + 1, '/')) {
        snprintf(part, sizeof(part), "%.*s", (int)(at - path), path);
        if (mkdir(part, 0700) != 0 && errno != EEXIST) {
            return error_set(ret_error, STATUS_UNAVAILABLE, "folder %s: %s", part, strerror(errno));
        }
    }
    return STATUS_OK;
}
