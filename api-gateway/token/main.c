/* walkie-token: a new token for somebody, once on the terminal and as a hash in the gateway's file.
 *
 *     walkie-token --name ana --role auditor --sites 101,102 --append /etc/walkie/tokens
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/token.h"
#include "auth/token_file.h"
#include "base/process.h"
#include "base/settings.h"
#include "crypto/hmac.h"

extern char **environ;

static const struct setting ROWS[] = {
    {.name = "name",
        .kind = SETTING_TEXT,
        .group = "The token",
        .value_name = "NAME",
        .help = "who holds it, as logs and operations name them"},
    {.name = "role",
        .kind = SETTING_TEXT,
        .group = "The token",
        .value_name = "ROLE[,ROLE]",
        .help = "viewer, requester (reports), writer (responses of patients, queries), auditor "
                "(unblinded reports, no writing), admin"},
    {.name = "sites",
        .kind = SETTING_TEXT,
        .group = "The token",
        .value_name = "LIST",
        .help = "*, or site numbers, STUDY:SITE or STUDY:* with commas between"},
    {.name = "until",
        .kind = SETTING_TEXT,
        .group = "The token",
        .value_name = "YYYY-MM-DD",
        .help = "the first day (UTC) on which it no longer holds"},
    {.name = "append",
        .kind = SETTING_TEXT,
        .group = "The token",
        .value_name = "FILE",
        .help = "put the line into this token file (made when it is not there); the token alone "
                "is printed then"},
};

static const struct settings_program PROGRAM = {
    .name = "walkie-token",
    .version = WALKIE_VERSION,
    .purpose = "makes a bearer token; prints it once, and the line with its hash for --auth-tokens",
    .rows = ROWS,
    .n_rows = LENGTH_OF(ROWS),
    .notes = "The gateway reads the file again at SIGHUP. A line that is taken out ends its token "
             "then.\n",
};

static enum status make_line(const struct settings *settings, const char *token,
    char ret_line[TOKEN_LINE_LEN_MAX], struct error *ret_error)
{
    static const char *const NEEDED[] = {"name", "role", "sites"};
    for (size_t i = 0; i < LENGTH_OF(NEEDED); i++) {
        if (settings_text(settings, NEEDED[i]) == NULL) {
            return error_set(ret_error, STATUS_INVALID_ARGUMENT, "--%s is needed", NEEDED[i]);
        }
    }
    uint8_t hash[SHA256_LEN];
    char hex[SHA256_HEX_MAX];
    if (!token_hash(bytes_of(token), hash)) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    hex_write(hash, sizeof(hash), hex);
    const char *until = settings_text(settings, "until");
    int len = snprintf(ret_line, TOKEN_LINE_LEN_MAX, "%s %s %s sha256:%.*s:%s%s%s\n",
        settings_text(settings, "name"), settings_text(settings, "role"),
        settings_text(settings, "sites"), TOKEN_ID_LEN, token + TOKEN_ID_AT, hex,
        until == NULL ? "" : " until=", until == NULL ? "" : until);
    if (len >= TOKEN_LINE_LEN_MAX) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT, "the line gets too long");
    }
    /* What the gateway would say of it is better said now. */
    struct token_file *tokens = NULL;
    enum status status = token_file_parse(bytes_of(ret_line), &tokens, ret_error);
    if (status == STATUS_OK && token_file_count(tokens) != 1) {
        status = error_set(ret_error, STATUS_INVALID_ARGUMENT, "a name may not begin with #");
    }
    token_file_free(tokens);
    return status;
}

static enum status append_failed(const char *path, struct error *ret_error)
{
    return error_set(
        ret_error, STATUS_UNAVAILABLE, "%s: cannot be written: %s", path, strerror(errno));
}

/* Whole, or not at all: what was written of a line that did not fit is taken back. */
static enum status append(const char *path, const char *line, struct error *ret_error)
{
    int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    struct stat file;
    if (fd < 0) {
        return append_failed(path, ret_error);
    }
    enum status status = STATUS_OK;
    char last = '\n';
    if (flock(fd, LOCK_EX) != 0 || fstat(fd, &file) != 0 ||
        (file.st_size > 0 && pread(fd, &last, 1, file.st_size - 1) != 1)) {
        status = append_failed(path, ret_error);
    } else if ((file.st_mode & 077) != 0) {
        status = error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "%s: others may read or change it; run `chmod 600` on it", path);
    } else {
        char text[TOKEN_LINE_LEN_MAX + 1];
        int len = snprintf(text, sizeof(text), "%s%s", last == '\n' ? "" : "\n", line);
        if (write(fd, text, (size_t)len) != len || fsync(fd) != 0) {
            status = append_failed(path, ret_error);
            (void)!ftruncate(fd, file.st_size);
        }
    }
    close(fd);
    return status;
}

static enum status run(const struct settings *settings, struct error *ret_error)
{
    char token[TOKEN_TEXT_MAX];
    char line[TOKEN_LINE_LEN_MAX] = "";
    if (!token_make(token)) {
        return error_set(ret_error, STATUS_UNAVAILABLE, "the system gives no random bytes");
    }
    enum status status = make_line(settings, token, line, ret_error);
    const char *path = settings_text(settings, "append");
    if (status == STATUS_OK && path != NULL) {
        status = append(path, line, ret_error);
    }
    if (status == STATUS_OK) {
        bool is_written =
            printf("%s\n%s", token, path == NULL ? line : "") > 0 && fflush(stdout) == 0;
        status = is_written ? STATUS_OK
                            : error_set(ret_error, STATUS_UNAVAILABLE,
                                  "the token cannot be printed; take its line out again");
    }
    crypto_wipe(token, sizeof(token));
    return status;
}

int main(int argc, char **argv)
{
    CLEANUP(settings_free_at) struct settings *settings = NULL;
    struct error error = ERROR_NONE;
    enum status status = settings_load(&PROGRAM, argc, argv, environ, &settings, &error);
    if (status == STATUS_OK && settings_action(settings) != SETTINGS_RUN) {
        settings_answer(settings, stdout);
        return EXIT_OK;
    }
    if (status == STATUS_OK) {
        status = run(settings, &error);
    }
    if (status != STATUS_OK) {
        fprintf(stderr, "walkie-token: %s\n", error.text);
        return status == STATUS_INVALID_ARGUMENT ? EXIT_USAGE : EXIT_UNAVAILABLE;
    }
    return EXIT_OK;
}
