#include "support/check_random.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/attributes.h"

static const char *const NUMBERS[] = {"SYSBP", "DIABP", "WEIGHT", "SCREENING/VS.SYSBP"};
static const char *const DATES[] = {"VSDAT", "VSEND"};
static const char *const TEXTS[] = {"POSITION", "NOTE"};

unsigned int check_random_below(struct check_random *random, unsigned int n)
{
    random->state = random->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned int)((random->state >> 33) % n);
}

static void append(struct check_random *random, const char *text)
{
    size_t len = strlen(text);
    if (random->len + len < sizeof(random->text)) {
        memcpy(random->text + random->len, text, len + 1);
        random->len += len;
    }
}

static const char *one_of(struct check_random *random, const char *const *words, size_t n_words)
{
    return words[check_random_below(random, (unsigned int)n_words)];
}

static void put_number(struct check_random *random, int depth)
{
    static const char *const SIGNS[] = {" + ", " - ", " * ", " / "};
    static const char *const LITERALS[] = {"0", "1", "80", "0.5", "120.25", "1e3", "7e-4"};
    switch (check_random_below(random, depth > 0 ? 7 : 2)) {
    case 0:
        append(random, one_of(random, LITERALS, LENGTH_OF(LITERALS)));
        break;
    case 1:
        append(random, one_of(random, NUMBERS, LENGTH_OF(NUMBERS)));
        break;
    case 2:
        append(random, "-");
        put_number(random, 0);
        break;
    case 3:
        append(random, "round(");
        put_number(random, depth - 1);
        append(random, ", 2)");
        break;
    case 4:
        append(random, "days(VSDAT, VSEND)");
        break;
    default:
        append(random, "(");
        put_number(random, depth - 1);
        append(random, ")");
        append(random, one_of(random, SIGNS, LENGTH_OF(SIGNS)));
        append(random, "(");
        put_number(random, depth - 1);
        append(random, ")");
    }
}

static void put_claim(struct check_random *random, int depth)
{
    static const char *const COMPARATORS[] = {" = ", " != ", " < ", " <= ", " > ", " >= ", " <> "};
    static const char *const PREDICATES[] = {
        " is missing", " is not missing", " is required", " is valid", " is not valid"};
    const char *comparator = one_of(random, COMPARATORS, LENGTH_OF(COMPARATORS));
    switch (check_random_below(random, 8)) {
    case 0:
        append(random, one_of(random, NUMBERS, LENGTH_OF(NUMBERS)));
        append(random, one_of(random, PREDICATES, LENGTH_OF(PREDICATES)));
        break;
    case 1:
        append(random, one_of(random, DATES, LENGTH_OF(DATES)));
        append(random, comparator);
        append(random, check_random_below(random, 2) == 0 ? "\"2024-03\"" : "VSEND");
        break;
    case 2:
        append(random, one_of(random, TEXTS, LENGTH_OF(TEXTS)));
        append(random, " in (\"SITTING\", 'it''s', \"\")");
        break;
    case 3:
        put_number(random, depth - 1);
        append(random, " not between "); /* two literals might be the wrong way round */
        append(random, one_of(random, NUMBERS, LENGTH_OF(NUMBERS)));
        append(random, " and ");
        put_number(random, depth - 1);
        break;
    case 4:
        append(random, "NOTE matches \"[a-z]*\"");
        break;
    case 5:
        append(random, check_random_below(random, 2) == 0 ? "DONE in (true)" : "DONE = false");
        break;
    default:
        put_number(random, depth - 1);
        append(random, comparator);
        put_number(random, depth - 1);
    }
}

void check_random_condition(struct check_random *random, int depth)
{
    if (depth <= 0) {
        put_claim(random, 0);
        return;
    }
    switch (check_random_below(random, 6)) {
    case 0:
        append(random, "not (");
        check_random_condition(random, depth - 1);
        append(random, ")");
        break;
    case 1:
        append(random, "(if ");
        check_random_condition(random, depth - 1);
        append(random, " then ");
        check_random_condition(random, depth - 1);
        append(random, ")");
        break;
    case 2:
    case 3:
        append(random, "(");
        check_random_condition(random, depth - 1);
        append(random, check_random_below(random, 2) == 0 ? " and " : ") or (");
        check_random_condition(random, depth - 1);
        append(random, ")");
        break;
    default:
        put_claim(random, depth);
    }
}

void check_random_value(struct check_random *random, unsigned int name, char ret_text[64])
{
    static const char *const NUMBER_VALUES[] = {"", "", "0", "80", "120.25", "-7", "UNK", "1e9"};
    static const char *const DATE_VALUES[] = {
        "", "2024-03-15", "2024-03-31", "2024-03", "2024", "2024-04-01", "UNK"};
    static const char *const TEXT_VALUES[] = {"", "SITTING", "it's", "abc", "头痛"};
    static const char *const TRUTH_VALUES[] = {"", "yes", "0", "perhaps"};
    const char *value = "";
    const char *label = "";
    if (name < LENGTH_OF(NUMBERS)) {
        label = NUMBERS[name];
        value = one_of(random, NUMBER_VALUES, LENGTH_OF(NUMBER_VALUES));
    } else if (name < LENGTH_OF(NUMBERS) + LENGTH_OF(DATES)) {
        label = DATES[name - LENGTH_OF(NUMBERS)];
        value = one_of(random, DATE_VALUES, LENGTH_OF(DATE_VALUES));
    } else if (name + 1 < CHECK_RANDOM_NAMES) {
        label = TEXTS[name - LENGTH_OF(NUMBERS) - LENGTH_OF(DATES)];
        value = one_of(random, TEXT_VALUES, LENGTH_OF(TEXT_VALUES));
    } else {
        label = "DONE";
        value = one_of(random, TRUTH_VALUES, LENGTH_OF(TRUTH_VALUES));
    }
    snprintf(ret_text, 64, "%s=%s", label, value);
}
