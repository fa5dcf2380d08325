#include "auth/token_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/token.h"
#include "base/utf8.h"
#include "crypto/hmac.h"
#include "crypto/secret_file.h"

enum { WORDS_MAX = 5, DATE_LEN = 10, FOR_EVER = -1 };

struct token_line {
    char id[TOKEN_ID_LEN];
    uint8_t hash[SHA256_LEN];
    int64_t until_s; /* FOR_EVER: no end */
    unsigned int number;
    struct identity *identity;
};

struct token_file {
    struct token_line *lines; /* by id, once all are read */
    size_t n_lines;
    size_t capacity;
};

/* --- words ---------------------------------------------------------------------------------- */

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t';
}

/* The words of a line; WORDS_MAX + 1 when there are more. */
static size_t split(struct bytes line, struct bytes words[WORDS_MAX])
{
    size_t n = 0;
    size_t at = 0;
    for (;;) {
        while (at < line.len && is_blank(line.data[at])) {
            at++;
        }
        size_t start = at;
        while (at < line.len && !is_blank(line.data[at])) {
            at++;
        }
        if (at == start || n == WORDS_MAX) {
            return at == start ? n : n + 1;
        }
        words[n++] = (struct bytes){line.data + start, at - start};
    }
}

bool token_file_check_name(struct bytes name)
{
    const char *at = (const char *)name.data;
    const char *end = at + name.len;
    if (name.len == 0 || name.len >= IDENTITY_NAME_MAX) {
        return false;
    }
    while (at < end) {
        uint32_t codepoint = 0;
        size_t len = utf8_decode(at, end, &codepoint);
        bool is_control = codepoint <= ' ' || (codepoint >= 0x7F && codepoint <= 0xA0);
        if (utf8_is_damaged(len, codepoint) || is_control) {
            return false;
        }
        at += len;
    }
    return true;
}

static bool read_number(const uint8_t *digits, size_t len, int *ret_number)
{
    int number = 0;
    for (size_t i = 0; i < len; i++) {
        if (digits[i] < '0' || digits[i] > '9') {
            return false;
        }
        number = number * 10 + (digits[i] - '0');
    }
    *ret_number = number;
    return true;
}

bool token_file_read_day(struct bytes text, int64_t *ret_s)
{
    static const int LENGTHS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    static const int BEFORE[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    int year = 0;
    int month = 0;
    int day = 0;
    if (text.len != DATE_LEN || text.data[4] != '-' || text.data[7] != '-' ||
        !read_number(text.data, 4, &year) || !read_number(text.data + 5, 2, &month) ||
        !read_number(text.data + 8, 2, &day) || year < 1970 || month < 1 || month > 12) {
        return false;
    }
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    int length = LENGTHS[month - 1] + (is_leap && month == 2 ? 1 : 0);
    if (day < 1 || day > length) {
        return false;
    }
    int past = year - 1;
    int64_t leap_days = (past / 4 - past / 100 + past / 400) - (1969 / 4 - 1969 / 100 + 1969 / 400);
    int64_t days = (int64_t)(year - 1970) * 365 + leap_days + BEFORE[month - 1] +
                   (is_leap && month > 2 ? 1 : 0) + day - 1;
    *ret_s = days * 86400;
    return true;
}

/* --- one line ------------------------------------------------------------------------------- */

static bool read_roles(struct bytes words, enum role *ret_role)
{
    enum role highest = ROLE_NONE;
    for (size_t at = 0; at <= words.len;) {
        const uint8_t *comma =
            at == words.len ? NULL : memchr(words.data + at, ',', words.len - at);
        size_t end = comma == NULL ? words.len : (size_t)(comma - words.data);
        enum role role = ROLE_NONE;
        if (!role_parse((struct bytes){words.data + at, end - at}, &role)) {
            return false;
        }
        highest = role > highest ? role : highest;
        at = end + 1;
    }
    *ret_role = highest;
    return true;
}

/* "sha256:ID:HASH" */
static bool read_hash(struct bytes word, struct token_line *line)
{
    static const char PREFIX[] = "sha256:";
    size_t id_at = sizeof(PREFIX) - 1;
    size_t hash_at = id_at + TOKEN_ID_LEN + 1;
    uint8_t id[TOKEN_ID_LEN / 2];
    if (word.len != hash_at + 2 * SHA256_LEN || memcmp(word.data, PREFIX, id_at) != 0 ||
        !hex_read(word.data + id_at, TOKEN_ID_LEN, id) || word.data[hash_at - 1] != ':' ||
        !hex_read(word.data + hash_at, 2 * SHA256_LEN, line->hash)) {
        return false;
    }
    memcpy(line->id, word.data + id_at, TOKEN_ID_LEN);
    return true;
}

static bool read_until(struct bytes word, struct token_line *line)
{
    static const char PREFIX[] = "until=";
    size_t len = sizeof(PREFIX) - 1;
    return word.len > len && memcmp(word.data, PREFIX, len) == 0 &&
           token_file_read_day((struct bytes){word.data + len, word.len - len}, &line->until_s);
}

/* What is wrong with the line, NULL: nothing. A word of the file is never repeated in an error:
 * somebody may have put the token itself there. */
static const char *read_words(
    const struct bytes *words, size_t n_words, struct token_line *line, enum role *ret_role)
{
    if (n_words < WORDS_MAX - 1 || n_words > WORDS_MAX) {
        return "a name, roles, sites and a hash are wanted, and perhaps until=YYYY-MM-DD";
    }
    if (!token_file_check_name(words[0])) {
        return "the name must be visible UTF-8 of at most 128 bytes";
    }
    if (!read_roles(words[1], ret_role)) {
        return "roles are viewer, requester, writer, auditor and admin, with commas between";
    }
    if (!authority_check_sites(words[2])) {
        return "sites are *, or site numbers, STUDY:SITE or STUDY:* with commas between";
    }
    if (token_has_shape(words[3])) {
        return "this is the token itself, which must not be kept; put its hash here and make "
               "another token, for this one has been seen";
    }
    if (!read_hash(words[3], line)) {
        return "the hash must be sha256:, 8 hex digits, a colon and 64 hex digits (walkie-token "
               "prints it)";
    }
    if (n_words == WORDS_MAX && !read_until(words[4], line)) {
        return "after the hash only until=YYYY-MM-DD may follow";
    }
    return NULL;
}

static enum status make_identity(
    const struct bytes *words, enum role role, struct token_line *line, struct error *ret_error)
{
    char name[IDENTITY_NAME_MAX];
    char authority[AUTHORITY_TEXT_MAX];
    memcpy(name, words[0].data, words[0].len);
    name[words[0].len] = '\0';
    int len = snprintf(authority, sizeof(authority), "%s %.*s", role_word(role), (int)words[2].len,
        (const char *)words[2].data);
    if (len >= (int)sizeof(authority)) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "the list of sites is too long: %zu bytes, %zu are possible; STUDY:* is a whole study",
            words[2].len, sizeof(authority) - 1 - strlen(role_word(role)) - 1);
    }
    line->identity = identity_new(IDENTITY_TOKEN, name, authority);
    return line->identity == NULL ? error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory")
                                  : STATUS_OK;
}

static struct token_line *new_line(struct token_file *tokens)
{
    if (tokens->n_lines == tokens->capacity) {
        size_t capacity = tokens->capacity == 0 ? 16 : 2 * tokens->capacity;
        struct token_line *lines = realloc(tokens->lines, capacity * sizeof(*lines));
        if (lines == NULL) {
            return NULL;
        }
        tokens->lines = lines;
        tokens->capacity = capacity;
    }
    struct token_line *line = &tokens->lines[tokens->n_lines];
    *line = (struct token_line){.until_s = FOR_EVER};
    return line;
}

static enum status read_line(
    struct token_file *tokens, struct bytes text, unsigned int number, struct error *ret_error)
{
    if (text.len > TOKEN_LINE_LEN_MAX) {
        return error_set(
            ret_error, STATUS_INVALID_ARGUMENT, "longer than %d bytes", TOKEN_LINE_LEN_MAX);
    }
    struct bytes words[WORDS_MAX];
    size_t n_words = split(text, words);
    if (n_words == 0 || words[0].data[0] == '#') {
        return STATUS_OK;
    }
    if (tokens->n_lines == TOKENS_MAX) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT, "more than %d tokens", TOKENS_MAX);
    }
    struct token_line *line = new_line(tokens);
    if (line == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    line->number = number;
    enum role role = ROLE_NONE;
    const char *why_not = read_words(words, n_words, line, &role);
    if (why_not != NULL) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT, "%s", why_not);
    }
    enum status status = make_identity(words, role, line, ret_error);
    if (status == STATUS_OK) {
        tokens->n_lines++;
    }
    return status;
}

/* --- the file ------------------------------------------------------------------------------- */

static int compare_lines(const void *one, const void *other)
{
    const struct token_line *first = one;
    const struct token_line *second = other;
    return memcmp(first->id, second->id, TOKEN_ID_LEN);
}

static enum status sort(struct token_file *tokens, struct error *ret_error)
{
    if (tokens->n_lines == 0) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "no token in it, so that nobody could ask for anything; walkie-token makes one");
    }
    qsort(tokens->lines, tokens->n_lines, sizeof(*tokens->lines), compare_lines);
    for (size_t i = 1; i < tokens->n_lines; i++) {
        if (compare_lines(&tokens->lines[i - 1], &tokens->lines[i]) == 0) {
            return error_set(ret_error, STATUS_INVALID_ARGUMENT,
                "lines %u and %u: the same token twice", tokens->lines[i - 1].number,
                tokens->lines[i].number);
        }
    }
    return STATUS_OK;
}

enum status token_file_parse(
    struct bytes text, struct token_file **ret_tokens, struct error *ret_error)
{
    struct token_file *tokens = calloc(1, sizeof(*tokens));
    if (tokens == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    enum status status = STATUS_OK;
    unsigned int number = 0;
    for (size_t at = 0; at < text.len && status == STATUS_OK;) {
        const uint8_t *newline = memchr(text.data + at, '\n', text.len - at);
        size_t end = newline == NULL ? text.len : (size_t)(newline - text.data);
        bool has_return = end > at && text.data[end - 1] == '\r';
        struct bytes line = {text.data + at, end - at - (has_return ? 1 : 0)};
        status = read_line(tokens, line, ++number, ret_error);
        if (status != STATUS_OK) {
            error_prefix(ret_error, "line %u", number);
        }
        at = end + 1;
    }
    status = status == STATUS_OK ? sort(tokens, ret_error) : status;
    if (status != STATUS_OK) {
        token_file_free(tokens);
        return status;
    }
    *ret_tokens = tokens;
    return STATUS_OK;
}

enum status token_file_load(
    const char *path, struct token_file **ret_tokens, struct error *ret_error)
{
    const struct secret_file file = {.kind = "token file",
        .path = path,
        .privacy = SECRET_FILE_OWN,
        .len_max = TOKEN_FILE_LEN_MAX,
        .hint = ""};
    CLEANUP(secret_file_finish) struct buffer text = BUFFER_EMPTY(TOKEN_FILE_LEN_MAX);
    enum status status = secret_file_read(&file, &text, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    status = token_file_parse(buffer_bytes(&text), ret_tokens, ret_error);
    if (status != STATUS_OK) {
        error_prefix(ret_error, "token file %s", path);
    }
    return status;
}

void token_file_free(struct token_file *tokens)
{
    if (tokens == NULL) {
        return;
    }
    for (size_t i = 0; i < tokens->n_lines; i++) {
        identity_unref(tokens->lines[i].identity);
    }
    free(tokens->lines);
    free(tokens);
}

size_t token_file_count(const struct token_file *tokens)
{
    return tokens->n_lines;
}

enum status token_file_find(const struct token_file *tokens, struct bytes token, int64_t now_s,
    struct identity **ret_identity, struct error *ret_error)
{
    static const char UNKNOWN[] = "the token is not known here";
    struct token_line wanted;
    if (!token_has_shape(token)) {
        return error_set(ret_error, STATUS_UNAUTHENTICATED, UNKNOWN);
    }
    memcpy(wanted.id, token.data + TOKEN_ID_AT, TOKEN_ID_LEN);
    if (!token_hash(token, wanted.hash)) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    const struct token_line *line =
        bsearch(&wanted, tokens->lines, tokens->n_lines, sizeof(*tokens->lines), compare_lines);
    if (line == NULL || !crypto_equal(line->hash, wanted.hash, SHA256_LEN)) {
        return error_set(ret_error, STATUS_UNAUTHENTICATED, UNKNOWN);
    }
    if (line->until_s != FOR_EVER && now_s >= line->until_s) {
        return error_set(ret_error, STATUS_UNAUTHENTICATED, "the token's time is over");
    }
    *ret_identity = identity_ref(line->identity);
    return STATUS_OK;
}
