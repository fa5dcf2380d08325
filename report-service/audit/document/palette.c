#include "audit/document/palette.h"

const struct text_style STYLE_BODY = {WEIGHT_REGULAR, 9.5, 14.5};
const struct text_style STYLE_BODY_BOLD = {WEIGHT_BOLD, 9.5, 14.5};
const struct text_style STYLE_CELL = {WEIGHT_REGULAR, 8, 11};
const struct text_style STYLE_HEAD = {WEIGHT_BOLD, 8, 11};
const struct text_style STYLE_SMALL = {WEIGHT_REGULAR, 7.5, 10};
const struct text_style STYLE_SMALL_BOLD = {WEIGHT_BOLD, 7.5, 10};
const struct text_style STYLE_TINY = {WEIGHT_REGULAR, 6.5, 8.5};
const struct text_style STYLE_TINY_BOLD = {WEIGHT_BOLD, 6.5, 8.5};
const struct text_style STYLE_SECTION = {WEIGHT_BOLD, 17, 23};
const struct text_style STYLE_HEADING = {WEIGHT_BOLD, 11, 16};
const struct text_style STYLE_CAPTION = {WEIGHT_BOLD, 9, 13};
const struct text_style STYLE_COVER_TITLE = {WEIGHT_BOLD, 32, 42};
const struct text_style STYLE_COVER_STUDY = {WEIGHT_REGULAR, 14, 21};
const struct text_style STYLE_WATERMARK = {WEIGHT_BOLD, 150, 150};

static double channel(unsigned int color, unsigned int shift)
{
    return (color >> shift & 0xFF) / 255.0;
}

void palette_set(cairo_t *cr, unsigned int color)
{
    cairo_set_source_rgb(cr, channel(color, 16), channel(color, 8), channel(color, 0));
}

unsigned int palette_of_tone(enum tone tone)
{
    switch (tone) {
    case TONE_PLAIN:
        return COLOR_INK;
    case TONE_MUTED:
        return COLOR_QUIET;
    case TONE_GOOD:
        return COLOR_GOOD;
    case TONE_NOTICE:
        return COLOR_LINK;
    case TONE_WARNING:
        return COLOR_WARNING;
    case TONE_ALARM:
        return COLOR_ALARM;
    }
    return COLOR_INK;
}

/* From dark to light: alarm, plain, notice, warning, good, muted. */
static unsigned int tone_fill(enum tone tone)
{
    switch (tone) {
    case TONE_PLAIN:
        return 0x24527F;
    case TONE_MUTED:
        return 0xC6CDD5;
    case TONE_GOOD:
        return 0x8CBFA4;
    case TONE_NOTICE:
        return 0x5B97C6;
    case TONE_WARNING:
        return 0xE6A742;
    case TONE_ALARM:
        return 0x8E1B26;
    }
    return 0x24527F;
}

unsigned int palette_fill(enum tone tone, unsigned int repeat)
{
    unsigned int fill = tone_fill(tone);
    for (unsigned int i = 0; i < repeat && i < 4; i++) {
        fill = palette_mix(fill, COLOR_PAPER, 0.4);
    }
    return fill;
}

static double luminance(unsigned int color)
{
    return 0.299 * channel(color, 16) + 0.587 * channel(color, 8) + 0.114 * channel(color, 0);
}

unsigned int palette_on(unsigned int fill)
{
    return luminance(fill) > 0.55 ? COLOR_INK : COLOR_PAPER;
}

unsigned int palette_mix(unsigned int from, unsigned int to, double fraction)
{
    unsigned int mixed = 0;
    for (unsigned int shift = 0; shift <= 16; shift += 8) {
        double value = channel(from, shift) * (1 - fraction) + channel(to, shift) * fraction;
        mixed |= (unsigned int)(value * 255 + 0.5) << shift;
    }
    return mixed;
}
