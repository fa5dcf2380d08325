#include "epro/instrument.h"

#include <string.h>

#include "base/attributes.h"
#include "epro/instrument_tables.h"

static bool is_letter_or_digit(unsigned char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte > 127;
}

bool epro_normalise(const char *text, char *ret_key, size_t size)
{
    size_t len = 0;
    bool is_gap = false;
    for (const char *at = text; *at != '\0'; at++) {
        unsigned char byte = (unsigned char)*at;
        if (!is_letter_or_digit(byte)) {
            is_gap = len > 0;
            continue;
        }
        if (len + (size_t)is_gap + 1 >= size) {
            return false;
        }
        if (is_gap) {
            ret_key[len++] = '-';
            is_gap = false;
        }
        ret_key[len++] = (char)(byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a' : byte);
    }
    ret_key[len] = '\0';
    return true;
}

/* What follows the last slash, up to a version or fragment. */
static bool last_segment(const char *name, char ret_key[EPRO_KEY_MAX])
{
    char segment[EPRO_KEY_MAX];
    size_t len = strcspn(name, "|#");
    while (len > 0 && name[len - 1] == '/') {
        len--;
    }
    size_t start = len;
    while (start > 0 && name[start - 1] != '/' && name[start - 1] != ':') {
        start--;
    }
    if (len - start >= sizeof(segment)) {
        return false;
    }
    memcpy(segment, name + start, len - start);
    segment[len - start] = '\0';
    return epro_normalise(segment, ret_key, EPRO_KEY_MAX);
}

/* Whether `key` is `name`, or ends in it after a '-'. */
static bool is_named(const char *key, const char *name)
{
    size_t key_len = strlen(key);
    size_t name_len = strlen(name);
    return key_len >= name_len && strcmp(key + key_len - name_len, name) == 0 &&
           (key_len == name_len || key[key_len - name_len - 1] == '-');
}

/* "phq-9-questionnaire" is what "phq-9" is. */
static void drop_noun(char key[EPRO_KEY_MAX])
{
    static const char *const NOUNS[] = {"-questionnaire", "-form"};
    size_t len = strlen(key);
    for (size_t i = 0; i < LENGTH_OF(NOUNS); i++) {
        size_t noun_len = strlen(NOUNS[i]);
        if (len > noun_len && strcmp(key + len - noun_len, NOUNS[i]) == 0) {
            key[len - noun_len] = '\0';
            return;
        }
    }
}

const struct epro_instrument *epro_instrument_of(const char *name)
{
    char key[EPRO_KEY_MAX];
    if (!last_segment(name, key)) {
        return NULL;
    }
    drop_noun(key);
    for (size_t i = 0; i < LENGTH_OF(INSTRUMENTS); i++) {
        for (size_t n = 0; n < EPRO_NAMES_MAX && INSTRUMENTS[i].names[n] != NULL; n++) {
            if (is_named(key, INSTRUMENTS[i].names[n])) {
                return &INSTRUMENTS[i];
            }
        }
    }
    return NULL;
}

static bool is_one_of(const char *key, const char *const *words, size_t n_words)
{
    for (size_t i = 0; i < n_words; i++) {
        if (words[i] != NULL && strcmp(key, words[i]) == 0) {
            return true;
        }
    }
    return false;
}

static int named_place(const struct epro_instrument *instrument, const char *key)
{
    static const char *const TOTALS[] = {"ts", "total", "total-score", "totalscore", "score"};
    static const char *const SCALES[] = {"vas", "eq-vas", "eqvas", "q6"};
    if (is_one_of(key, &instrument->total_code, 1) || is_one_of(key, TOTALS, LENGTH_OF(TOTALS))) {
        return EPRO_PLACE_TOTAL;
    }
    if (is_one_of(key, &instrument->extra, 1)) {
        return EPRO_PLACE_EXTRA;
    }
    if (instrument->has_profile && is_one_of(key, SCALES, LENGTH_OF(SCALES))) {
        return EPRO_PLACE_VAS;
    }
    for (size_t i = 0; i < instrument->n_items; i++) {
        if (is_one_of(key, instrument->items[i].aliases, EPRO_ITEM_ALIASES_MAX)) {
            return (int)i + 1;
        }
    }
    return EPRO_PLACE_UNKNOWN;
}

/* "q9", "item-9", "09". */
static int numbered_place(const struct epro_instrument *instrument, const char *key)
{
    static const char *const NOUNS[] = {"question", "item", "q"};
    for (size_t i = 0; i < LENGTH_OF(NOUNS); i++) {
        size_t len = strlen(NOUNS[i]);
        if (strncmp(key, NOUNS[i], len) == 0) {
            key += len;
            key += *key == '-';
            break;
        }
    }
    size_t n_digits = strspn(key, "0123456789");
    if (n_digits == 0 || n_digits > 2 || key[n_digits] != '\0') {
        return EPRO_PLACE_UNKNOWN;
    }
    int number = key[0] - '0';
    number = n_digits == 2 ? number * 10 + (key[1] - '0') : number;
    if (number == (int)instrument->n_items + 1 && instrument->extra != NULL) {
        return EPRO_PLACE_EXTRA; /* the PHQ-9's tenth question, how difficult it all made things */
    }
    return number >= 1 && number <= (int)instrument->n_items ? number : EPRO_PLACE_UNKNOWN;
}

/* "phq2a" is the first item, "phq2b" the second; something may stand before a '-'. */
static int lettered_place(const struct epro_instrument *instrument, const char *key)
{
    const char *gap = strrchr(key, '-');
    const char *last = gap == NULL ? key : gap + 1;
    size_t len = instrument->lettered == NULL ? 0 : strlen(instrument->lettered);
    if (len == 0 || strncmp(last, instrument->lettered, len) != 0 || last[len] < 'a' ||
        last[len] >= 'a' + (int)instrument->n_items || last[len + 1] != '\0') {
        return EPRO_PLACE_UNKNOWN;
    }
    return last[len] - 'a' + 1;
}

static int place_of(const struct epro_instrument *instrument, const char *key)
{
    int place = named_place(instrument, key);
    place = place == EPRO_PLACE_UNKNOWN ? lettered_place(instrument, key) : place;
    return place == EPRO_PLACE_UNKNOWN ? numbered_place(instrument, key) : place;
}

int epro_instrument_item(const struct epro_instrument *instrument, const char *link_id)
{
    char key[EPRO_KEY_MAX];
    if (!last_segment(link_id, key)) {
        return EPRO_PLACE_UNKNOWN;
    }
    int place = place_of(instrument, key);
    for (size_t i = 0; i < EPRO_NAMES_MAX && place == EPRO_PLACE_UNKNOWN; i++) {
        const char *prefix = instrument->prefixes[i];
        if (prefix == NULL) {
            break;
        }
        if (strncmp(key, prefix, strlen(prefix)) == 0) {
            place = place_of(instrument, key + strlen(prefix));
        }
    }
    return place;
}
