/* The questionnaires that can be scored, as tables: items, ranges, options, missing-item rule,
 * bands, alerts. One file of tables; adding an instrument is adding a row.
 *
 *     const struct epro_instrument *instrument =
 * epro_instrument_of("http://…/Questionnaire/phq-9"); int item = epro_instrument_item(instrument,
 * "H1/T1/Q9");        9
 *
 * Not here: arithmetic (score.h), what an answer is worth (coding.h). */
#ifndef WALKIE_EPRO_INSTRUMENT_H
#define WALKIE_EPRO_INSTRUMENT_H

#include <stdbool.h>
#include <stddef.h>

enum {
    EPRO_ITEMS_MAX = 11,       /* of one instrument */
    EPRO_ITEM_ALIASES_MAX = 2, /* names of one item beside its number */
    EPRO_NAMES_MAX = 6,        /* names of one instrument, and of its link ids */
    EPRO_KEY_MAX = 128,        /* bytes of a normalised name, with the NUL; longer ones are none */
};

/* What a total is when items are missing. */
enum epro_missing_rule {
    EPRO_MISSING_NONE,  /* there is none */
    EPRO_MISSING_MEAN,  /* each missing item counts as the mean of the others; rounded to nearest */
    EPRO_MISSING_SHARE, /* the sum times maximum / maximum of the answered items; rounded up */
};

struct epro_item {
    double low;
    double high;
    bool is_fractional;                         /* else whole numbers only */
    const char *aliases[EPRO_ITEM_ALIASES_MAX]; /* normalised link ids; NULL: no more */
};

/* An answer that is not a number: its code in code systems, its words normalised. */
struct epro_option {
    double value;
    const char *code;
    const char *words[2];
};

struct epro_band {
    double from; /* the lowest score of the band; the next band's ends it */
    const char *word;
};

struct epro_instrument {
    const char *word;                  /* epro_response.instrument */
    const char *names[EPRO_NAMES_MAX]; /* normalised ends of a canonical; the first as in `word` */
    const char *prefixes[EPRO_NAMES_MAX]; /* of normalised link ids; NULL: no more */
    const char *lettered;                 /* "phq2": items are phq2a, phq2b, … too; NULL: no */
    const char *total_code;               /* LOINC of the total; NULL: none */
    const char *extra;                    /* a link id that belongs to it and is not scored */
    size_t n_items;
    const struct epro_item *items;
    size_t n_options;
    const struct epro_option *options;
    enum epro_missing_rule missing_rule;
    int missing_max; /* items that may be missing */
    size_t n_bands;
    const struct epro_band *bands; /* ascending */
    int alert_item;                /* from 1: any answer above 0 alarms; 0: none */
    const char *alert_item_kind;
    double alert_total_from; /* a total that alarms; 0: none does */
    bool has_profile;        /* EQ-5D-5L's health state and visual analogue scale */
};

/* What else a link id may be than the number of an item. */
enum {
    EPRO_PLACE_UNKNOWN = 0,
    EPRO_PLACE_TOTAL = -1,
    EPRO_PLACE_VAS = -2,
    EPRO_PLACE_EXTRA = -3,
};

/* By the end of a canonical URL (a version after | is passed over) or by the word in the database.
 * NULL: not known. A variant of an instrument ("eq-5d-3l", "phq-9-a") is not the instrument. */
const struct epro_instrument *epro_instrument_of(const char *name);

/* 1 … n_items, or one of the places above. */
int epro_instrument_item(const struct epro_instrument *instrument, const char *link_id);

/* `text` in lower case, with '-' for every run of other ASCII characters than letters and digits,
 * and none at its ends: "PHQ-9 (2019)" becomes "phq-9-2019". Bytes above 127 stay. False: longer
 * than `size`. */
bool epro_normalise(const char *text, char *ret_key, size_t size);

#endif
