/* What gateways that were killed have left behind. */
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700 /* fdopendir */
#endif
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "obs/log.h"
#include "operations/files_internal.h"

bool files_gateway_has_ended(const struct files *files, const char *gateway)
{
    char name[FILES_NAME_MAX];
    files_name(name, gateway, "lock");
    int fd = openat(files->folder_fd, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    bool has_ended = flock(fd, LOCK_EX | LOCK_NB) == 0;
    close(fd);
    return has_ended;
}

/* The first part of a name, when that is an id and ends with `until`. */
static bool take_id(const char **at, char until, char ret_id[OPERATION_ID_MAX])
{
    size_t len = strcspn(*at, ".");
    if (len != OPERATION_ID_LEN || (*at)[len] != until) {
        return false;
    }
    memcpy(ret_id, *at, len);
    ret_id[len] = '\0';
    *at += len + 1;
    return operation_is_id(ret_id);
}

static bool is_old(const struct files *files, const char *name)
{
    struct stat file;
    return fstatat(files->folder_fd, name, &file, AT_SYMLINK_NOFOLLOW) == 0 &&
           (int64_t)time(NULL) - (int64_t)file.st_mtime > FILES_ORPHAN_AGE_S;
}

static void sweep_one(const struct files *files, const char *name,
    bool (*is_wanted)(void *arg, const char *id), void *arg)
{
    char id[OPERATION_ID_MAX];
    char gateway[OPERATION_ID_MAX];
    const char *rest = name;
    if (!take_id(&rest, '.', id)) {
        return; /* a stranger's: left alone */
    }
    bool is_orphan = false;
    if (strcmp(rest, "result") == 0) {
        is_orphan = is_old(files, name) && !is_wanted(arg, id);
    } else if (take_id(&rest, '.', gateway) && strcmp(rest, "part") == 0) {
        /* Without a lock's file that gateway ended in order, or its lock has been swept. */
        char lock[FILES_NAME_MAX];
        files_name(lock, gateway, "lock");
        is_orphan = files_gateway_has_ended(files, gateway) ||
                    faccessat(files->folder_fd, lock, F_OK, 0) != 0;
    }
    if (is_orphan && unlinkat(files->folder_fd, name, 0) == 0) {
        LOG_INFO("operation.swept", NULL, log_str("operation", id), log_str("why", "orphan"));
    }
}

/* Locks go last: they tell of parts. */
static void sweep_lock(const struct files *files, const char *name)
{
    char gateway[OPERATION_ID_MAX];
    const char *rest = name;
    if (take_id(&rest, '.', gateway) && strcmp(rest, "lock") == 0 && is_old(files, name) &&
        files_gateway_has_ended(files, gateway)) {
        (void)unlinkat(files->folder_fd, name, 0);
    }
}

void files_sweep(const struct files *files, bool (*is_wanted)(void *arg, const char *id), void *arg)
{
    for (int pass = 0; pass < 2; pass++) {
        int fd = openat(files->folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *listing = fd < 0 ? NULL : fdopendir(fd);
        if (listing == NULL) {
            if (fd >= 0) {
                close(fd);
            }
            return;
        }
        for (const struct dirent *entry = readdir(listing); entry != NULL;
             entry = readdir(listing)) {
            if (pass == 0) {
                sweep_one(files, entry->d_name, is_wanted, arg);
            } else {
                sweep_lock(files, entry->d_name);
            }
        }
        closedir(listing);
    }
}
