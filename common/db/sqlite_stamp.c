/* The data's stamp: what of the file changes with every commit. A rollback journal's writer counts
 * its commits in the header; the rest tells files apart that were put in each other's place.
 *
 * The header is read through SQLite's own descriptor of a connection that does nothing else. One of
 * ours would do harm when closed: POSIX drops all locks that the process has on the file then. */
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700 /* st_mtim */
#endif
#include <stdlib.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "db/sqlite.h"

/* https://www.sqlite.org/fileformat.html section 1.3. */
enum { HEADER_LEN = 28, READ_VERSION_AT = 19, CHANGE_COUNTER_AT = 24, READ_VERSION_WAL = 2 };

void sqlite_stamper_init(struct sqlite_stamper *stamper)
{
    pthread_mutex_init(&stamper->mutex, NULL);
    stamper->handle = NULL;
}

static void forget_file(struct sqlite_stamper *stamper)
{
    (void)sqlite3_close(stamper->handle);
    stamper->handle = NULL;
}

void sqlite_stamper_finish(struct sqlite_stamper *stamper)
{
    forget_file(stamper);
    pthread_mutex_destroy(&stamper->mutex);
}

static bool open_file(struct sqlite_stamper *stamper, const char *path)
{
    int has_moved = 0;
    if (stamper->handle != NULL && (sqlite3_file_control(stamper->handle, "main",
                                        SQLITE_FCNTL_HAS_MOVED, &has_moved) != SQLITE_OK ||
                                       has_moved != 0)) {
        forget_file(stamper);
    }
    if (stamper->handle == NULL &&
        sqlite3_open_v2(path, &stamper->handle, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) !=
            SQLITE_OK) {
        forget_file(stamper);
    }
    return stamper->handle != NULL;
}

static bool read_header(struct sqlite_stamper *stamper, uint8_t header[HEADER_LEN])
{
    sqlite3_file *file = NULL;
    return sqlite3_file_control(stamper->handle, "main", SQLITE_FCNTL_FILE_POINTER, &file) ==
               SQLITE_OK &&
           file != NULL && file->pMethods != NULL &&
           file->pMethods->xRead(file, header, HEADER_LEN, 0) == SQLITE_OK;
}

static enum status make_stamp_locked(struct db_store *store, struct db_stamp *ret_stamp)
{
    struct stat file;
    uint8_t header[HEADER_LEN];
    if (!open_file(&store->stamper, store->path) || stat(store->path, &file) != 0 ||
        !read_header(&store->stamper, header)) {
        return STATUS_UNAVAILABLE;
    }
    if (header[READ_VERSION_AT] == READ_VERSION_WAL) {
        return STATUS_UNIMPLEMENTED; /* its commits do not touch the file */
    }
    const uint64_t facts[] = {(uint64_t)file.st_dev, (uint64_t)file.st_ino, (uint64_t)file.st_size,
        (uint64_t)file.st_mtim.tv_sec, (uint64_t)file.st_mtim.tv_nsec,
        (uint64_t)file.st_ctim.tv_sec, (uint64_t)file.st_ctim.tv_nsec,
        be32_get(header + CHANGE_COUNTER_AT)};
    _Static_assert(sizeof(facts) <= DB_STAMP_MAX, "a stamp has room");
    for (size_t i = 0; i < LENGTH_OF(facts); i++) {
        be64_put(ret_stamp->bytes + i * sizeof(facts[0]), facts[i]);
    }
    ret_stamp->len = sizeof(facts);
    return STATUS_OK;
}

enum status sqlite_data_stamp(struct db_store *store, struct db_stamp *ret_stamp)
{
    pthread_mutex_lock(&store->stamper.mutex);
    enum status status = make_stamp_locked(store, ret_stamp);
    pthread_mutex_unlock(&store->stamper.mutex);
    return status;
}
