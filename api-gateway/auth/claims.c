#include "auth/claims.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/claims_json.h"
#include "auth/token_file.h"

/* Later than any date that is meant: doubles above do not fit an int64_t. */
static const double LATEST_S = 1e15;

static enum status refuse(struct error *ret_error, const char *claim, const char *what)
{
    return error_set(ret_error, STATUS_UNAUTHENTICATED, "the token's claim %s %s", claim, what);
}

/* --- times ---------------------------------------------------------------------------------- */

/* `is_there` says whether an optional one was found. */
static enum status read_time(const cJSON *object, const char *name, bool *ret_is_there,
    double *ret_s, struct error *ret_error)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, name);
    *ret_is_there = value != NULL;
    if (value == NULL) {
        return STATUS_OK;
    }
    /* Written so that what is no number at all fails, too. */
    if (!cJSON_IsNumber(value) || !(value->valuedouble >= 0 && value->valuedouble <= LATEST_S)) {
        return refuse(ret_error, name, "is no time");
    }
    *ret_s = value->valuedouble;
    return STATUS_OK;
}

static enum status check_times(const cJSON *object, const struct claims_options *options,
    int64_t now_s, int64_t *ret_expires_s, struct error *ret_error)
{
    static const char *const NOT_BEFORE[] = {"nbf", "iat"};
    double now = (double)now_s;
    double leeway = (double)options->leeway_s;
    double at = 0;
    bool is_there = false;
    enum status status = read_time(object, "exp", &is_there, &at, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    if (!is_there) {
        return refuse(ret_error, "exp", "is missing");
    }
    if (now >= at + leeway) {
        return error_set(ret_error, STATUS_UNAUTHENTICATED, "the token has expired");
    }
    *ret_expires_s = (int64_t)at;
    for (size_t i = 0; i < LENGTH_OF(NOT_BEFORE) && status == STATUS_OK; i++) {
        status = read_time(object, NOT_BEFORE[i], &is_there, &at, ret_error);
        if (status == STATUS_OK && is_there && now < at - leeway) {
            return error_set(ret_error, STATUS_UNAUTHENTICATED, "the token does not hold yet");
        }
    }
    return status;
}

/* --- for whom, from whom -------------------------------------------------------------------- */

static bool is_text(const cJSON *value, const char *text)
{
    return cJSON_IsString(value) && strcmp(value->valuestring, text) == 0;
}

static enum status check_parties(
    const cJSON *object, const struct claims_options *options, struct error *ret_error)
{
    if (!is_text(cJSON_GetObjectItemCaseSensitive(object, "iss"), options->issuer)) {
        return refuse(ret_error, "iss", "is another issuer's");
    }
    const cJSON *audience = cJSON_GetObjectItemCaseSensitive(object, "aud");
    bool is_for_us = is_text(audience, options->audience);
    if (cJSON_IsArray(audience)) {
        const cJSON *one = NULL;
        cJSON_ArrayForEach(one, audience)
        {
            is_for_us = is_for_us || is_text(one, options->audience);
        }
    }
    return is_for_us ? STATUS_OK : refuse(ret_error, "aud", "is for another audience");
}

static enum status read_name(const cJSON *object, const struct claims_options *options,
    struct claims *claims, struct error *ret_error)
{
    const cJSON *name = claims_json_find(object, options->name_claim);
    if (!cJSON_IsString(name) || !token_file_check_name(bytes_of(name->valuestring))) {
        return refuse(ret_error, options->name_claim,
            "is no name: visible UTF-8 without blanks, at most 128 bytes");
    }
    snprintf(claims->name, sizeof(claims->name), "%s", name->valuestring);
    return STATUS_OK;
}

/* --- roles and sites ------------------------------------------------------------------------ */

/* Each word of a claim: the elements of a list, or the parts of one text. */
struct words {
    void *arg;
    bool (*take)(void *arg, struct bytes word); /* false: no more */
};

static bool each_part(const char *text, const struct words *words)
{
    for (const char *at = text + strspn(text, ", "); *at != '\0'; at += strspn(at, ", ")) {
        size_t len = strcspn(at, ", ");
        if (!words->take(words->arg, (struct bytes){(const uint8_t *)at, len})) {
            return false;
        }
        at += len;
    }
    return true;
}

/* 101.5 is no site, least of all 102. */
static bool is_whole_number(const cJSON *value)
{
    double number = cJSON_IsNumber(value) ? value->valuedouble : -1;
    return number >= 0 && number <= LATEST_S && (double)(int64_t)number == number;
}

static bool each_word(const cJSON *value, const struct words *words)
{
    if (cJSON_IsString(value)) {
        return each_part(value->valuestring, words);
    }
    const cJSON *list = cJSON_IsArray(value) ? value : NULL;
    const cJSON *one = NULL;
    cJSON_ArrayForEach(one, list)
    {
        char number[32];
        struct bytes word = {NULL, 0};
        if (cJSON_IsString(one)) {
            word = bytes_of(one->valuestring);
        } else if (is_whole_number(one)) {
            snprintf(number, sizeof(number), "%" PRId64, (int64_t)one->valuedouble);
            word = bytes_of(number);
        }
        if (word.len > 0 && !words->take(words->arg, word)) {
            return false;
        }
    }
    return true;
}

struct role_search {
    struct bytes prefix;
    enum role highest;
};

static bool take_role(void *arg, struct bytes word)
{
    struct role_search *search = arg;
    struct bytes prefix = search->prefix;
    enum role role = ROLE_NONE;
    bool is_ours = word.len > prefix.len && memcmp(word.data, prefix.data, prefix.len) == 0 &&
                   role_parse((struct bytes){word.data + prefix.len, word.len - prefix.len}, &role);
    if (is_ours && role > search->highest) {
        search->highest = role;
    }
    return true;
}

static bool append_encoded(struct buffer *text, struct bytes word)
{
    for (size_t i = 0; i < word.len; i++) {
        uint8_t byte = word.data[i];
        bool is_plain = byte > ' ' && byte <= '~' && strchr(",:*%", byte) == NULL;
        enum status status =
            is_plain ? buffer_append(text, &byte, 1) : buffer_printf(text, "%%%02X", byte);
        if (status != STATUS_OK) {
            return false;
        }
    }
    return word.len > 0;
}

/* "*", "SITE", "STUDY:SITE" or "STUDY:*" in the spelling of rpc/authority.h. */
static bool take_site(void *arg, struct bytes word)
{
    struct buffer *text = arg;
    bool is_first = text->data[text->len - 1] == ' ';
    if (!is_first && buffer_append_text(text, ",") != STATUS_OK) {
        return false;
    }
    if (word.len == 1 && *word.data == '*') {
        return buffer_append_text(text, "*") == STATUS_OK;
    }
    const uint8_t *colon = memchr(word.data, ':', word.len);
    if (colon == NULL) {
        return append_encoded(text, word);
    }
    struct bytes study = {word.data, (size_t)(colon - word.data)};
    struct bytes site = {colon + 1, word.len - study.len - 1};
    bool is_whole = site.len == 1 && *site.data == '*';
    return append_encoded(text, study) && buffer_append_text(text, ":") == STATUS_OK &&
           (is_whole ? buffer_append_text(text, "*") == STATUS_OK : append_encoded(text, site));
}

static enum status read_authority(const cJSON *object, const struct claims_options *options,
    struct claims *claims, struct error *ret_error)
{
    const char *prefix = options->role_prefix;
    struct role_search search = {bytes_of(prefix == NULL ? "" : prefix), ROLE_NONE};
    const struct words roles = {&search, take_role};
    (void)each_word(claims_json_find(object, options->role_claim), &roles);
    if (search.highest == ROLE_NONE) {
        return error_set(ret_error, STATUS_PERMISSION_DENIED,
            "the token's claim %s holds none of the roles viewer, requester, writer, auditor, "
            "admin",
            options->role_claim);
    }
    CLEANUP(buffer_finish) struct buffer text = BUFFER_EMPTY(AUTHORITY_TEXT_MAX - 1);
    if (buffer_printf(&text, "%s ", role_word(search.highest)) != STATUS_OK) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    const struct words sites = {&text, take_site};
    bool is_whole = each_word(claims_json_find(object, options->sites_claim), &sites);
    struct authority authority;
    if (!is_whole || !authority_parse(buffer_bytes(&text), &authority)) {
        return error_set(ret_error, STATUS_PERMISSION_DENIED,
            "the token's claim %s holds no sites, one that is no site, or more than fit %d bytes",
            options->sites_claim, AUTHORITY_TEXT_MAX);
    }
    memcpy(claims->authority, text.data, text.len);
    claims->authority[text.len] = '\0';
    return STATUS_OK;
}

enum status claims_read(struct bytes json, const struct claims_options *options, int64_t now_s,
    struct claims *ret_claims, struct error *ret_error)
{
    cJSON *object = claims_json_parse(json, CLAIMS_MAX);
    if (object == NULL) {
        return error_set(ret_error, STATUS_UNAUTHENTICATED,
            "the token's claims are no JSON object, or one of them is there twice");
    }
    struct claims claims;
    enum status status = check_times(object, options, now_s, &claims.expires_s, ret_error);
    if (status == STATUS_OK) {
        status = check_parties(object, options, ret_error);
    }
    if (status == STATUS_OK) {
        status = read_name(object, options, &claims, ret_error);
    }
    if (status == STATUS_OK) {
        status = read_authority(object, options, &claims, ret_error);
    }
    cJSON_Delete(object);
    if (status == STATUS_OK) {
        *ret_claims = claims;
    }
    return status;
}
