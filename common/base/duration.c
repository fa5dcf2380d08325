#include "base/duration.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

#include "base/clock.h"

struct duration_unit {
    const char *name;
    uint64_t ns;
};

static const struct duration_unit UNITS[] = {
    {"ns", 1},
    {"us", CLOCK_US(1)},
    {"ms", CLOCK_MS(1)},
    {"s", CLOCK_SECONDS(1)},
    {"m", CLOCK_SECONDS(60)},
    {"h", CLOCK_SECONDS(3600)},
};

static const struct duration_unit GRPC_UNITS[] = {
    {"n", 1},
    {"u", CLOCK_US(1)},
    {"m", CLOCK_MS(1)},
    {"S", CLOCK_SECONDS(1)},
    {"M", CLOCK_SECONDS(60)},
    {"H", CLOCK_SECONDS(3600)},
};

static uint64_t unit_ns(const struct duration_unit *units, size_t n_units, const char *name)
{
    for (size_t i = 0; i < n_units; i++) {
        if (strcmp(units[i].name, name) == 0) {
            return units[i].ns;
        }
    }
    return 0;
}

static bool accept_ns(uint64_t ns, uint64_t *ret_ns)
{
    if (ns == 0 || ns > DURATION_MAX_NS) {
        return false;
    }
    *ret_ns = ns;
    return true;
}

bool duration_parse(const char *text, uint64_t *ret_ns)
{
    enum { DIGITS_MAX = 15 }; /* so that the arithmetic below cannot overflow a long double */
    long double value = 0;
    long double scale = 1;
    size_t n_digits = 0;
    bool is_fraction = false;
    const char *at = text;
    for (; isdigit((unsigned char)*at) || (*at == '.' && !is_fraction && n_digits > 0); at++) {
        if (*at == '.') {
            is_fraction = true;
            continue;
        }
        if (++n_digits > DIGITS_MAX) {
            return false;
        }
        value = value * 10 + (*at - '0');
        scale = is_fraction ? scale * 10 : scale;
    }
    if (n_digits == 0 || at[-1] == '.') {
        return false;
    }
    uint64_t unit = unit_ns(UNITS, LENGTH_OF(UNITS), at);
    long double ns = value / scale * (long double)unit;
    return ns <= (long double)DURATION_MAX_NS && accept_ns((uint64_t)(ns + 0.5L), ret_ns);
}

bool duration_parse_grpc(const char *text, uint64_t *ret_ns)
{
    enum { GRPC_DIGITS_MAX = 8 };
    uint64_t value = 0;
    size_t n_digits = 0;
    for (; isdigit((unsigned char)text[n_digits]); n_digits++) {
        if (n_digits == GRPC_DIGITS_MAX) {
            return false;
        }
        value = value * 10 + (uint64_t)(text[n_digits] - '0');
    }
    return n_digits > 0 &&
           accept_ns(value * unit_ns(GRPC_UNITS, LENGTH_OF(GRPC_UNITS), text + n_digits), ret_ns);
}
