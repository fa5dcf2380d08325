#include "http/negotiate.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/bytes.h"

enum {
    QUALITY_ONE = 1000,
    SPECIFIC_ANY = 1, /* how well a range says what it wants; with parameters one more for each */
    SPECIFIC_TYPE,
    SPECIFIC_SUBTYPE,
};

/* A cursor over a header's text. */
struct text {
    const char *at;
    const char *end;
};

static void skip_blanks(struct text *text)
{
    while (text->at < text->end && (*text->at == ' ' || *text->at == '\t')) {
        text->at++;
    }
}

static bool is_token(char c)
{
    bool is_alpha = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return is_alpha || (c >= '0' && c <= '9') || (c != '\0' && strchr("!#$%&'*+-.^_`|~", c));
}

/* Empty when there is none. */
static struct text take_token(struct text *text)
{
    struct text token = {text->at, text->at};
    while (token.end < text->end && is_token(*token.end)) {
        token.end++;
    }
    text->at = token.end;
    return token;
}

static bool take(struct text *text, char c)
{
    bool is_there = text->at < text->end && *text->at == c;
    text->at += is_there ? 1 : 0;
    return is_there;
}

/* A token or a quoted text, which is taken as it stands between its quotes. */
static bool take_value(struct text *text, struct text *ret_value)
{
    if (!take(text, '"')) {
        *ret_value = take_token(text);
        return ret_value->at < ret_value->end;
    }
    ret_value->at = text->at;
    while (text->at < text->end && *text->at != '"') {
        text->at += *text->at == '\\' && text->at + 1 < text->end ? 2 : 1;
    }
    ret_value->end = text->at;
    return take(text, '"');
}

static bool is_same(struct text left, struct text right)
{
    size_t len = (size_t)(left.end - left.at);
    return len == (size_t)(right.end - right.at) && strncasecmp(left.at, right.at, len) == 0;
}

static bool is_word(struct text text, const char *word)
{
    return is_same(text, (struct text){word, word + strlen(word)});
}

/* What follows a media type: ";name=value", with blanks. */
enum parameter { PARAMETER_NONE, PARAMETER_TAKEN, PARAMETER_MALFORMED };

/* A semicolon with nothing after it is no parameter, and no mistake. */
static enum parameter take_parameter(
    struct text *text, struct text *ret_name, struct text *ret_value)
{
    do {
        skip_blanks(text);
        if (!take(text, ';')) {
            return PARAMETER_NONE;
        }
        skip_blanks(text);
        *ret_name = take_token(text);
    } while (ret_name->at == ret_name->end);
    return take(text, '=') && take_value(text, ret_value) ? PARAMETER_TAKEN : PARAMETER_MALFORMED;
}

static bool take_media_type(struct text *text, struct text *ret_type, struct text *ret_subtype)
{
    skip_blanks(text);
    *ret_type = take_token(text);
    bool is_whole = ret_type->at < ret_type->end && take(text, '/');
    *ret_subtype = take_token(text);
    return is_whole && ret_subtype->at < ret_subtype->end;
}

static bool has_parameter(struct text form, struct text name, struct text value)
{
    struct text own_name;
    struct text own_value;
    while (take_parameter(&form, &own_name, &own_value) == PARAMETER_TAKEN) {
        if (is_same(own_name, name) && is_same(own_value, value)) {
            return true;
        }
    }
    return false;
}

/* "0", "1", "0.5", "1.000": in thousandths; -1: no quality. */
static int read_quality(struct text value)
{
    if (value.at == value.end || (*value.at != '0' && *value.at != '1')) {
        return -1;
    }
    int quality = (*value.at++ - '0') * QUALITY_ONE;
    int place = QUALITY_ONE / 10;
    if (value.at < value.end && *value.at++ != '.') {
        return -1;
    }
    for (; value.at < value.end; value.at++, place /= 10) {
        if (*value.at < '0' || *value.at > '9' || place == 0) {
            return -1;
        }
        quality += (*value.at - '0') * place;
    }
    return quality > QUALITY_ONE ? -1 : quality;
}

/* How specific the range is for the form; 0: it is not in it, or the range is malformed. */
static int match(struct text range, const char *form, int *ret_quality)
{
    struct text own = {form, form + strlen(form)};
    struct text type;
    struct text subtype;
    struct text own_type;
    struct text own_subtype;
    if (!take_media_type(&range, &type, &subtype) ||
        !take_media_type(&own, &own_type, &own_subtype)) {
        return 0;
    }
    bool is_any_type = is_word(type, "*");
    bool is_any = is_word(subtype, "*");
    if ((!is_any_type && !is_same(type, own_type)) || (is_any_type && !is_any) ||
        (!is_any && !is_same(subtype, own_subtype))) {
        return 0;
    }
    int specific = is_any_type ? SPECIFIC_ANY : (is_any ? SPECIFIC_TYPE : SPECIFIC_SUBTYPE);
    *ret_quality = QUALITY_ONE;
    struct text name;
    struct text value;
    enum parameter parameter;
    while ((parameter = take_parameter(&range, &name, &value)) == PARAMETER_TAKEN) {
        if (is_word(name, "q")) {
            *ret_quality = read_quality(value);
        } else if (has_parameter(own, name, value)) {
            specific++;
        } else {
            return 0;
        }
    }
    bool is_whole = parameter == PARAMETER_NONE && range.at == range.end;
    return is_whole && *ret_quality >= 0 ? specific : 0;
}

/* The next element of the list, up to a comma outside of quotes. */
static struct text take_element(struct text *text)
{
    struct text element = {text->at, text->at};
    bool is_quoted = false;
    while (text->at < text->end && (is_quoted || *text->at != ',')) {
        bool is_escape = is_quoted && *text->at == '\\' && text->at + 1 < text->end;
        is_quoted = is_quoted != (*text->at == '"');
        text->at += is_escape ? 2 : 1;
    }
    element.end = text->at;
    (void)take(text, ',');
    return element;
}

static int quality_of(const char *accept, const char *form)
{
    struct text text = {accept, accept + strlen(accept)};
    int best_specific = 0;
    int best_quality = 0;
    while (text.at < text.end) {
        int quality = 0;
        int specific = match(take_element(&text), form, &quality);
        if (specific > best_specific) {
            best_specific = specific;
            best_quality = quality;
        }
    }
    return best_quality;
}

int http_negotiate(const char *accept, const char *const forms[], size_t n_forms)
{
    if (accept == NULL) {
        return n_forms > 0 ? 0 : -1;
    }
    int best = -1;
    int best_quality = 0;
    for (size_t i = 0; i < n_forms; i++) {
        int quality = quality_of(accept, forms[i]);
        if (quality > best_quality) {
            best = (int)i;
            best_quality = quality;
        }
    }
    return best;
}
