/* Numbers, bools and enums: JSON's form and the bits that travel. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "call/codec_internal.h"

#define EXACT_MAX 9007199254740992.0 /* 2^53: whole numbers up to here are exact as a double */
enum { NAMES_MAX = 256, DIGITS_MAX = 20, SHOWN_LEN_MAX = 60 };

/* A whole number of either sign. */
struct whole {
    bool is_negative;
    uint64_t magnitude;
};

union float_bits {
    float number;
    uint32_t bits;
};

static bool is_signed(enum schema_kind kind)
{
    return kind != SCHEMA_UINT64 && kind != SCHEMA_UINT32 && kind != SCHEMA_FIXED64 &&
           kind != SCHEMA_FIXED32;
}

static bool is_64_bits(enum schema_kind kind)
{
    return kind == SCHEMA_INT64 || kind == SCHEMA_UINT64 || kind == SCHEMA_SINT64 ||
           kind == SCHEMA_FIXED64 || kind == SCHEMA_SFIXED64;
}

static bool parse_whole(const char *text, struct whole *ret_whole)
{
    struct whole whole = {.is_negative = text[0] == '-'};
    const char *digits = text + (whole.is_negative ? 1 : 0);
    size_t len = strspn(digits, "0123456789");
    if (len == 0 || len > DIGITS_MAX || digits[len] != '\0') {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        uint64_t digit = (uint64_t)(digits[i] - '0');
        if (whole.magnitude > (UINT64_MAX - digit) / 10) {
            return false;
        }
        whole.magnitude = whole.magnitude * 10 + digit;
    }
    *ret_whole = whole;
    return true;
}

/* The bits of a whole number that fits its field; false when it does not. */
static bool fit(enum schema_kind kind, struct whole whole, uint64_t *ret_bits)
{
    uint64_t max = is_64_bits(kind) ? UINT64_MAX : UINT32_MAX;
    if (is_signed(kind)) {
        max = max / 2 + (whole.is_negative ? 1 : 0);
    } else if (whole.is_negative && whole.magnitude > 0) {
        return false;
    }
    if (whole.magnitude > max) {
        return false;
    }
    uint64_t bits = whole.is_negative ? 0 - whole.magnitude : whole.magnitude;
    bool is_zigzag = kind == SCHEMA_SINT32 || kind == SCHEMA_SINT64;
    *ret_bits = is_zigzag ? wire_zigzag((int64_t)bits) : bits;
    return true;
}

static enum status read_whole_text(const struct codec_path *path, enum schema_kind kind,
    const char *text, uint64_t *ret_bits, struct error *ret_error)
{
    struct whole whole;
    if (!parse_whole(text, &whole) || !fit(kind, whole, ret_bits)) {
        return codec_fail(path, ret_error, STATUS_INVALID_ARGUMENT, "\"%.*s\" is no %s",
            SHOWN_LEN_MAX, text, schema_kind_word(kind));
    }
    return STATUS_OK;
}

static enum status read_whole(const struct codec_path *path, enum schema_kind kind,
    const cJSON *value, uint64_t *ret_bits, struct error *ret_error)
{
    if (cJSON_IsString(value)) {
        return read_whole_text(path, kind, value->valuestring, ret_bits, ret_error);
    }
    if (!cJSON_IsNumber(value)) {
        return codec_fail(path, ret_error, STATUS_INVALID_ARGUMENT, "expects %s %s, not %s",
            kind == SCHEMA_INT32 || kind == SCHEMA_INT64 ? "an" : "a", schema_kind_word(kind),
            codec_json_word(value));
    }
    double number = value->valuedouble;
    if (fabs(number) > EXACT_MAX) {
        return codec_fail(path, ret_error, STATUS_INVALID_ARGUMENT,
            "%.17g is too large to be exact as a JSON number; write it as a text", number);
    }
    struct whole whole = {.is_negative = number < 0, .magnitude = (uint64_t)fabs(number)};
    if (floor(number) != number || !fit(kind, whole, ret_bits)) {
        return codec_fail(path, ret_error, STATUS_INVALID_ARGUMENT, "%.17g is no %s", number,
            schema_kind_word(kind));
    }
    return STATUS_OK;
}

static enum status read_bool(
    const struct codec_path *path, const cJSON *value, uint64_t *ret_bits, struct error *ret_error)
{
    if (!cJSON_IsBool(value)) {
        return codec_fail(path, ret_error, STATUS_INVALID_ARGUMENT, "expects true or false, not %s",
            codec_json_word(value));
    }
    *ret_bits = cJSON_IsTrue(value) ? 1 : 0;
    return STATUS_OK;
}

/* "NaN", "Infinity", "-Infinity", or a number as a text. */
static bool parse_float(const char *text, double *ret_number)
{
    if (strcmp(text, "NaN") == 0) {
        *ret_number = (double)NAN;
        return true;
    }
    if (strcmp(text, "Infinity") == 0 || strcmp(text, "-Infinity") == 0) {
        *ret_number = text[0] == '-' ? -(double)INFINITY : (double)INFINITY;
        return true;
    }
    char *end = NULL;
    double number = strtod(text, &end);
    bool is_number = text[0] != '\0' && text[strspn(text, "0123456789+-.eE")] == '\0' &&
                     *end == '\0' && isfinite(number);
    if (is_number) {
        *ret_number = number;
    }
    return is_number;
}

static enum status read_float(const struct codec_path *path, enum schema_kind kind,
    const cJSON *value, uint64_t *ret_bits, struct error *ret_error)
{
    double number = 0;
    bool is_good = false;
    if (cJSON_IsNumber(value)) {
        number = value->valuedouble;
        is_good = isfinite(number);
    } else if (cJSON_IsString(value)) {
        is_good = parse_float(value->valuestring, &number);
    }
    bool is_float = kind == SCHEMA_FLOAT;
    if (!is_good) {
        return codec_fail(path, ret_error, STATUS_INVALID_ARGUMENT,
            "expects a number, \"NaN\", \"Infinity\" or \"-Infinity\"");
    }
    if (!is_float) {
        memcpy(ret_bits, &number, sizeof(*ret_bits));
        return STATUS_OK;
    }
    float narrow = (float)number;
    if (isfinite(number) && !isfinite(narrow)) {
        return codec_fail(
            path, ret_error, STATUS_INVALID_ARGUMENT, "%g is out of a float's range", number);
    }
    *ret_bits = (union float_bits){.number = narrow}.bits;
    return STATUS_OK;
}

static enum status read_enum_name(const struct codec_path *path,
    const struct schema_enum *enumeration, const char *name, uint64_t *ret_bits,
    struct error *ret_error)
{
    const char *names[NAMES_MAX];
    char known[ERROR_TEXT_MAX] = "";
    size_t n_names = 0;
    size_t known_len = 0;
    for (size_t i = 0; i < enumeration->n_values; i++) {
        const struct schema_value *value = &enumeration->values[i];
        if (strcmp(value->name, name) == 0) {
            *ret_bits = (uint64_t)(int64_t)value->number;
            return STATUS_OK;
        }
        if (n_names < NAMES_MAX) {
            names[n_names++] = value->name;
        }
        if (known_len < sizeof(known)) {
            int more = snprintf(known + known_len, sizeof(known) - known_len, "%s%s",
                i == 0 ? "" : ", ", value->name);
            known_len += more < 0 ? 0 : (size_t)more;
        }
    }
    const char *nearest = nearest_name(name, names, n_names);
    return codec_fail(path, ret_error, STATUS_INVALID_ARGUMENT,
        "\"%.*s\" is no %s%s%s%s; known: %s", SHOWN_LEN_MAX, name, enumeration->name,
        nearest == NULL ? "" : "; did you mean ", nearest == NULL ? "" : nearest,
        nearest == NULL ? "" : "?", known);
}

enum status codec_read_number(const struct codec_path *path, const struct schema_field *field,
    const cJSON *value, uint64_t *ret_bits, struct error *ret_error)
{
    switch (field->kind) {
    case SCHEMA_DOUBLE:
    case SCHEMA_FLOAT:
        return read_float(path, field->kind, value, ret_bits, ret_error);
    case SCHEMA_BOOL:
        return read_bool(path, value, ret_bits, ret_error);
    case SCHEMA_ENUM:
        return cJSON_IsString(value) ? read_enum_name(path, field->enumeration, value->valuestring,
                                           ret_bits, ret_error)
                                     : read_whole(path, SCHEMA_INT32, value, ret_bits, ret_error);
    case SCHEMA_INT64:
    case SCHEMA_UINT64:
    case SCHEMA_INT32:
    case SCHEMA_UINT32:
    case SCHEMA_SINT32:
    case SCHEMA_SINT64:
    case SCHEMA_FIXED64:
    case SCHEMA_FIXED32:
    case SCHEMA_SFIXED32:
    case SCHEMA_SFIXED64:
        return read_whole(path, field->kind, value, ret_bits, ret_error);
    case SCHEMA_STRING:
    case SCHEMA_BYTES:
    case SCHEMA_MESSAGE:
        break; /* no number */
    }
    return codec_fail(path, ret_error, STATUS_INTERNAL, "is no number");
}

enum status codec_read_key(const struct codec_path *path, const struct schema_field *field,
    const char *key, uint64_t *ret_bits, struct error *ret_error)
{
    if (field->kind != SCHEMA_BOOL) {
        return read_whole_text(path, field->kind, key, ret_bits, ret_error);
    }
    bool is_true = strcmp(key, "true") == 0;
    if (!is_true && strcmp(key, "false") != 0) {
        return codec_fail(
            path, ret_error, STATUS_INVALID_ARGUMENT, "the key is neither true nor false");
    }
    *ret_bits = is_true ? 1 : 0;
    return STATUS_OK;
}

void codec_key_text(const struct schema_field *field, uint64_t bits, char *ret_text, size_t size)
{
    bool is_zigzag = field->kind == SCHEMA_SINT32 || field->kind == SCHEMA_SINT64;
    uint64_t cut = is_64_bits(field->kind) ? bits : (uint32_t)bits;
    uint64_t value = is_zigzag ? (uint64_t)wire_unzigzag(cut) : cut;
    if (field->kind == SCHEMA_BOOL) {
        snprintf(ret_text, size, "%s", bits != 0 ? "true" : "false");
    } else if (is_signed(field->kind)) {
        int64_t number = is_64_bits(field->kind) ? (int64_t)value : (int32_t)value;
        snprintf(ret_text, size, "%" PRId64, number);
    } else {
        uint64_t number = is_64_bits(field->kind) ? value : (uint32_t)value;
        snprintf(ret_text, size, "%" PRIu64, number);
    }
}

/* The shortest decimal that reads back as the same number; JSON has no word for the others. */
static void write_float(enum schema_kind kind, uint64_t bits, struct json_writer *json)
{
    enum { FLOAT_DIGITS_MAX = 9 };
    double number = 0;
    float narrow = 0;
    if (kind == SCHEMA_FLOAT) {
        narrow = (union float_bits){.bits = (uint32_t)bits}.number;
        number = (double)narrow;
    } else {
        memcpy(&number, &bits, sizeof(number));
    }
    if (isnan(number)) {
        json_text(json, "NaN");
    } else if (isinf(number)) {
        json_text(json, number < 0 ? "-Infinity" : "Infinity");
    } else if (number == 0) {
        json_raw(json, signbit(number) ? "-0" : "0");
    } else if (kind == SCHEMA_FLOAT) {
        char text[JSON_NUMBER_MAX];
        for (int digits = 6; digits <= FLOAT_DIGITS_MAX; digits++) {
            snprintf(text, sizeof(text), "%.*g", digits, number);
            if (strtof(text, NULL) == narrow) {
                break;
            }
        }
        json_raw(json, text);
    } else {
        json_number(json, number);
    }
}

static void write_enum(
    const struct schema_enum *enumeration, int32_t number, struct json_writer *json)
{
    for (size_t i = 0; i < enumeration->n_values; i++) {
        if (enumeration->values[i].number == number) {
            json_text(json, enumeration->values[i].name);
            return;
        }
    }
    json_integer(json, number); /* of a newer schema */
}

void codec_write_number(const struct schema_field *field, uint64_t bits, struct json_writer *json)
{
    if (field->kind == SCHEMA_DOUBLE || field->kind == SCHEMA_FLOAT) {
        write_float(field->kind, bits, json);
    } else if (field->kind == SCHEMA_BOOL) {
        json_bool(json, bits != 0);
    } else if (field->kind == SCHEMA_ENUM) {
        write_enum(field->enumeration, (int32_t)bits, json);
    } else {
        char text[JSON_NUMBER_MAX];
        codec_key_text(field, bits, text, sizeof(text));
        if (is_64_bits(field->kind)) {
            json_text(json, text);
        } else {
            json_raw(json, text);
        }
    }
}
