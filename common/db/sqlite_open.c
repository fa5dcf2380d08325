#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "db/sqlite.h"

/* The file header, https://www.sqlite.org/fileformat.html section 1.3. */
enum {
    HEADER_LEN = 100,
    HEADER_PAGE_SIZE_AT = 16,
    HEADER_CHANGE_COUNTER_AT = 24,
    HEADER_PAGE_COUNT_AT = 28,
    HEADER_VERSION_VALID_FOR_AT = 92,
};

static void close_at(int *descriptor)
{
    if (*descriptor >= 0) {
        close(*descriptor);
    }
}

enum status sqlite_check_file(const struct db_store *store, struct error *ret_error)
{
    struct stat file;
    if (stat(store->path, &file) != 0) {
        if (errno == ENOENT && store->mode == DB_OPEN_CREATE) {
            return STATUS_OK;
        }
        return error_set(ret_error, STATUS_UNAVAILABLE, "%s: %s: %s", store->name, store->path,
            errno == ENOENT ? "no such file" : strerror(errno));
    }
    if (!S_ISREG(file.st_mode)) {
        return error_set(ret_error, STATUS_UNAVAILABLE, "%s: %s: %s", store->name, store->path,
            S_ISDIR(file.st_mode) ? "is a directory, not a database" : "is not a regular file");
    }
    bool is_for_readers =
        store->mode == DB_OPEN_READ_ONLY || store->mode == DB_OPEN_WRITE_IF_POSSIBLE;
    int access_mode = is_for_readers ? R_OK : R_OK | W_OK;
    if (access(store->path, access_mode) != 0) {
        return error_set(
            ret_error, STATUS_UNAVAILABLE, "%s: %s: %s", store->name, store->path, strerror(errno));
    }
    if (file.st_size == 0 && is_for_readers) {
        return error_set(
            ret_error, STATUS_DATA_LOSS, "%s: %s: the file is empty", store->name, store->path);
    }
    return STATUS_OK;
}

void sqlite_look_at_rights(struct db_store *store)
{
    if (store->mode == DB_OPEN_READ_ONLY) {
        snprintf(store->why_read_only, sizeof(store->why_read_only), "is open for reading only");
        return;
    }
    /* SQLite writes the journal beside the file, and opens with the effective user's rights. */
    char folder[SQLITE_PATH_MAX];
    const char *slash = strrchr(store->path, '/');
    snprintf(folder, sizeof(folder), "%.*s", slash == NULL ? 1 : (int)(slash - store->path) + 1,
        slash == NULL ? "." : store->path);
    bool is_file = faccessat(AT_FDCWD, store->path, W_OK, AT_EACCESS) != 0;
    if (store->mode == DB_OPEN_WRITE_IF_POSSIBLE &&
        (is_file || faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) != 0)) {
        snprintf(store->why_read_only, sizeof(store->why_read_only),
            "the %s cannot be written (%s): let the user of this program write the file and its "
            "folder, then start it again",
            is_file ? "file" : "file's folder", strerror(errno));
    }
}

void sqlite_explain_length(const struct db_store *store, struct error *ret_error)
{
    CLEANUP(close_at) int descriptor = open(store->path, O_RDONLY | O_CLOEXEC);
    struct stat file;
    uint8_t header[HEADER_LEN];
    if (descriptor < 0 || fstat(descriptor, &file) != 0 ||
        pread(descriptor, header, sizeof(header), 0) != (ssize_t)sizeof(header)) {
        return;
    }
    uint64_t page_size = be16_get(header + HEADER_PAGE_SIZE_AT);
    page_size = page_size == 1 ? 65536 : page_size;
    uint64_t want_len = page_size * be32_get(header + HEADER_PAGE_COUNT_AT);
    /* The count is only kept by writers that also keep this second counter. */
    bool has_count = be32_get(header + HEADER_CHANGE_COUNTER_AT) ==
                     be32_get(header + HEADER_VERSION_VALID_FOR_AT);
    bool is_database = memcmp(header, "SQLite format 3", 16) == 0;
    if (is_database && has_count && (uint64_t)file.st_size < want_len) {
        error_set(ret_error, STATUS_DATA_LOSS, "%s: %s: the file is truncated: %lld of %llu bytes",
            store->name, store->path, (long long)file.st_size, (unsigned long long)want_len);
    }
}
