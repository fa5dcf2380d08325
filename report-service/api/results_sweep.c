/* Sweeping: which folders there are, how old, how big, and which go. A folder that a run
 * has locked stays. */
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700 /* fdopendir */
#endif
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "api/results_internal.h"
#include "obs/log.h"

struct kept {
    char name[RUN_NAME_MAX];
    int64_t written_s; /* when something was last put into it */
    uint64_t bytes;
};

/* Only what we name so: a stranger's file in the folder is left alone. */
static bool is_run_name(const char *name)
{
    return strlen(name) == RUN_NAME_MAX - 1 && strspn(name, "0123456789abcdef") == RUN_NAME_MAX - 1;
}

/* Visit the names in a folder; false: it cannot be read. `fd` stays the caller's. */
static bool each_name(int fd, void (*visit)(void *arg, int fd, const char *name), void *arg)
{
    int own_fd = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *listing = own_fd < 0 ? NULL : fdopendir(own_fd);
    if (listing == NULL) {
        if (own_fd >= 0) {
            close(own_fd);
        }
        return false;
    }
    for (const struct dirent *entry = readdir(listing); entry != NULL; entry = readdir(listing)) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            visit(arg, fd, entry->d_name);
        }
    }
    closedir(listing);
    return true;
}

static void add_file_len(void *arg, int fd, const char *name)
{
    struct stat file;
    if (fstatat(fd, name, &file, AT_SYMLINK_NOFOLLOW) == 0) {
        *(uint64_t *)arg += (uint64_t)file.st_size;
    }
}

static void remove_file(void *arg, int fd, const char *name)
{
    (void)arg;
    unlinkat(fd, name, 0);
}

static int open_run_folder(int store_fd, const char *name)
{
    return openat(store_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* False: it is in use, and stays. */
static bool remove_run(int store_fd, const struct kept *kept, const char *why)
{
    int fd = open_run_folder(store_fd, kept->name);
    if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (fd >= 0) {
            close(fd);
        }
        return false;
    }
    (void)each_name(fd, remove_file, NULL);
    unlinkat(store_fd, kept->name, AT_REMOVEDIR);
    close(fd);
    LOG_INFO("results.swept", NULL, log_str("run", kept->name), log_str("why", why),
        log_u64("bytes", kept->bytes));
    return true;
}

struct listing {
    const struct ctx *ctx;
    struct kept *list;
    size_t n;
};

static void add_run(void *arg, int store_fd, const char *name)
{
    struct listing *listing = arg;
    if (!is_run_name(name) || listing->n == RESULTS_RUNS_MAX || ctx_done(listing->ctx)) {
        return;
    }
    int fd = open_run_folder(store_fd, name);
    struct stat folder;
    if (fd < 0 || fstat(fd, &folder) != 0) {
        if (fd >= 0) {
            close(fd);
        }
        return;
    }
    struct kept *kept = &listing->list[listing->n++];
    *kept = (struct kept){.written_s = folder.st_mtime};
    memcpy(kept->name, name, RUN_NAME_MAX);
    (void)each_name(fd, add_file_len, &kept->bytes);
    close(fd);
}

static int compare_age(const void *a, const void *b)
{
    const struct kept *left = a;
    const struct kept *right = b;
    return left->written_s < right->written_s ? -1 : left->written_s > right->written_s;
}

static void sweep_list(
    struct results *results, int store_fd, struct listing *listing, uint64_t needed)
{
    uint64_t total = 0;
    int64_t now_s = (int64_t)time(NULL);
    for (size_t i = 0; i < listing->n; i++) {
        total += listing->list[i].bytes;
    }
    qsort(listing->list, listing->n, sizeof(*listing->list), compare_age);
    for (size_t i = 0; i < listing->n && !ctx_done(listing->ctx); i++) {
        const struct kept *kept = &listing->list[i];
        bool is_old = now_s - kept->written_s > (int64_t)(results->keep_ns / 1000000000);
        bool is_much = total + needed > results->bytes_max;
        bool is_many = listing->n == RESULTS_RUNS_MAX && i < RESULTS_RUNS_MAX / 2;
        if ((is_old || is_much || is_many) &&
            remove_run(store_fd, kept, is_old ? "old" : "no room")) {
            total -= kept->bytes;
        }
    }
    results->bytes = total;
}

void results_sweep_locked(const struct ctx *ctx, struct results *results, uint64_t needed)
{
    struct stat folder;
    if (stat(results->folder, &folder) != 0) {
        return; /* nothing has been kept yet */
    }
    int store_fd = results_open_folder(results, NULL);
    struct listing listing = {.ctx = ctx, .list = malloc(RESULTS_RUNS_MAX * sizeof(*listing.list))};
    if (store_fd >= 0 && listing.list != NULL && each_name(store_fd, add_run, &listing) &&
        ctx_err(ctx) == STATUS_OK) { /* or the list has only some */
        sweep_list(results, store_fd, &listing, needed);
    }
    free(listing.list);
    if (store_fd >= 0) {
        close(store_fd);
    }
}

void results_sweep(const struct ctx *ctx, struct results *results)
{
    pthread_mutex_lock(&results->mutex);
    results_sweep_locked(ctx, results, 0);
    pthread_mutex_unlock(&results->mutex);
}
