#include "audit/document/text_font.h"

#include <cairo-ft.h>
#include <fontconfig/fontconfig.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* Families in order of preference; then all of Noto Sans, whose hand is the nearest; then the rest.
 * Those of one rank are sorted by name. */
static const char *const FAMILIES[] = {
    "WenQuanYi Micro Hei", "DejaVu Sans", "Noto Sans CJK SC", "Noto Sans"};

struct font_face {
    char *family;
    char *file;
    int index; /* of the face in a collection file */
    size_t rank;
    FcCharSet *characters;
    _Atomic(hb_font_t *) shaper; /* NULL until first used; then never changes */
    cairo_font_face_t *faces[WEIGHT_COUNT];
};

struct font_set {
    struct font_face faces[FONT_FACES_MAX];
    size_t n_faces;
    uint8_t first_has[0x10000 / 8]; /* basic plane characters of face 0: nearly every question */
};

/* Guards the making of the set and the loading of a face. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct font_set *the_set;

static size_t family_rank(const char *family)
{
    for (size_t i = 0; i < LENGTH_OF(FAMILIES); i++) {
        if (strcmp(family, FAMILIES[i]) == 0) {
            return i;
        }
    }
    static const char NOTO[] = "Noto Sans ";
    return LENGTH_OF(FAMILIES) + (strncmp(family, NOTO, sizeof(NOTO) - 1) == 0 ? 0 : 1);
}

static int compare_faces(const void *left, const void *right)
{
    const struct font_face *a = left;
    const struct font_face *b = right;
    if (a->rank != b->rank) {
        return a->rank < b->rank ? -1 : 1;
    }
    int order = strcmp(a->family, b->family);
    if (order == 0) {
        order = strcmp(a->file, b->file);
    }
    return order != 0 ? order : a->index - b->index;
}

/* Only upright faces of ordinary weight and width stand in for a missing character. */
static bool is_plain(FcPattern *pattern)
{
    int slant = FC_SLANT_ROMAN;
    int weight = FC_WEIGHT_REGULAR;
    int width = FC_WIDTH_NORMAL;
    FcBool is_color = FcFalse;
    FcPatternGetInteger(pattern, FC_SLANT, 0, &slant);
    FcPatternGetInteger(pattern, FC_WEIGHT, 0, &weight);
    FcPatternGetInteger(pattern, FC_WIDTH, 0, &width);
    FcPatternGetBool(pattern, FC_COLOR, 0, &is_color);
    return slant == FC_SLANT_ROMAN && weight >= FC_WEIGHT_BOOK && weight <= FC_WEIGHT_MEDIUM &&
           width >= FC_WIDTH_SEMICONDENSED && width <= FC_WIDTH_SEMIEXPANDED && !is_color;
}

static void face_finish(struct font_face *face)
{
    free(face->family);
    free(face->file);
    if (face->characters != NULL) {
        FcCharSetDestroy(face->characters);
    }
}

/* A family has a name in each language, and fontconfig puts the one of the locale first. Take the
 * preferred family's name if it is among them, else the first by bytes: the same everywhere. */
static const char *family_name(FcPattern *pattern)
{
    const char *name = NULL;
    FcChar8 *next;
    for (int i = 0; FcPatternGetString(pattern, FC_FAMILY, i, &next) == FcResultMatch; i++) {
        size_t rank = family_rank((const char *)next);
        if (name == NULL || rank < family_rank(name) ||
            (rank == family_rank(name) && strcmp((const char *)next, name) < 0)) {
            name = (const char *)next;
        }
    }
    return name;
}

static bool face_init(struct font_face *face, FcPattern *pattern)
{
    const char *family = family_name(pattern);
    FcChar8 *file = NULL;
    FcCharSet *characters = NULL;
    int index = 0;
    if (!is_plain(pattern) || family == NULL ||
        FcPatternGetString(pattern, FC_FILE, 0, &file) != FcResultMatch ||
        FcPatternGetInteger(pattern, FC_INDEX, 0, &index) != FcResultMatch ||
        FcPatternGetCharSet(pattern, FC_CHARSET, 0, &characters) != FcResultMatch) {
        return false;
    }
    *face = (struct font_face){.index = index, .rank = family_rank(family)};
    face->family = strdup(family);
    face->file = strdup((const char *)file);
    face->characters = FcCharSetCopy(characters);
    if (face->family == NULL || face->file == NULL || face->characters == NULL) {
        face_finish(face);
        return false;
    }
    return true;
}

/* Every scalable font that fontconfig knows. A plain list, not a match: a match would bring in the
 * locale's language. */
static FcFontSet *list_fonts(void)
{
    FcPattern *pattern = FcPatternCreate();
    FcObjectSet *objects = FcObjectSetBuild(FC_FAMILY, FC_FILE, FC_INDEX, FC_CHARSET, FC_SLANT,
        FC_WEIGHT, FC_WIDTH, FC_COLOR, (char *)NULL);
    FcFontSet *list = NULL;
    if (pattern != NULL && objects != NULL) {
        FcPatternAddBool(pattern, FC_SCALABLE, FcTrue);
        list = FcFontList(NULL, pattern, objects);
    }
    if (objects != NULL) {
        FcObjectSetDestroy(objects);
    }
    if (pattern != NULL) {
        FcPatternDestroy(pattern);
    }
    return list;
}

/* Keep the FONT_FACES_MAX best; called with the whole machine's list, in no particular order. */
static bool set_fill(struct font_set *set, FcFontSet *list)
{
    struct font_face *all = calloc((size_t)list->nfont + 1, sizeof(*all));
    if (all == NULL) {
        return false;
    }
    size_t n_all = 0;
    for (int i = 0; i < list->nfont; i++) {
        if (face_init(&all[n_all], list->fonts[i])) {
            n_all++;
        }
    }
    qsort(all, n_all, sizeof(*all), compare_faces);
    for (size_t i = 0; i < n_all; i++) {
        if (i < FONT_FACES_MAX) {
            set->faces[set->n_faces++] = all[i];
        } else {
            face_finish(&all[i]);
        }
    }
    free(all);
    return true;
}

static void set_free(struct font_set *set)
{
    if (set != NULL) {
        for (size_t i = 0; i < set->n_faces; i++) {
            face_finish(&set->faces[i]);
        }
        free(set);
    }
}

static cairo_font_face_t *load_cairo_face(const struct font_face *face, enum weight weight)
{
    FcPattern *pattern = FcPatternCreate();
    if (pattern == NULL) {
        return NULL;
    }
    FcPatternAddString(pattern, FC_FILE, (const FcChar8 *)face->file);
    FcPatternAddInteger(pattern, FC_INDEX, face->index);
    FcPatternAddBool(pattern, FC_EMBOLDEN, weight == WEIGHT_BOLD ? FcTrue : FcFalse);
    cairo_font_face_t *result = cairo_ft_font_face_create_for_pattern(pattern);
    FcPatternDestroy(pattern);
    if (cairo_font_face_status(result) != CAIRO_STATUS_SUCCESS) {
        cairo_font_face_destroy(result);
        return NULL;
    }
    return result;
}

static hb_font_t *load_shaper(const struct font_face *face)
{
    hb_blob_t *blob = hb_blob_create_from_file(face->file);
    hb_face_t *hb_face = hb_face_create(blob, (unsigned int)face->index);
    hb_blob_destroy(blob);
    if (hb_face_get_glyph_count(hb_face) == 0) {
        hb_face_destroy(hb_face);
        return NULL;
    }
    hb_font_t *font = hb_font_create(hb_face);
    hb_face_destroy(hb_face);
    hb_font_make_immutable(font);
    return font;
}

/* Under the lock. Publishing the shaper last tells readers that the whole face is there. */
static bool face_load(struct font_face *face)
{
    for (size_t weight = 0; weight < WEIGHT_COUNT; weight++) {
        if (face->faces[weight] == NULL) {
            face->faces[weight] = load_cairo_face(face, (enum weight)weight);
        }
        if (face->faces[weight] == NULL) {
            return false;
        }
    }
    hb_font_t *shaper = load_shaper(face);
    atomic_store_explicit(&face->shaper, shaper, memory_order_release);
    return shaper != NULL;
}

static enum status set_make(struct font_set **ret_set, struct error *ret_error)
{
    struct font_set *set = calloc(1, sizeof(*set));
    FcFontSet *list = list_fonts();
    bool is_filled = set != NULL && list != NULL && set_fill(set, list);
    if (list != NULL) {
        FcFontSetDestroy(list);
    }
    if (!is_filled) {
        set_free(set);
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "fonts: out of memory");
    }
    if (set->n_faces == 0 || set->faces[0].rank != 0 || !face_load(&set->faces[0])) {
        set_free(set);
        return error_set(ret_error, STATUS_UNAVAILABLE,
            "font family \"%s\" is missing: install the package fonts-wqy-microhei", FAMILIES[0]);
    }
    for (uint32_t codepoint = 0; codepoint < 0x10000; codepoint++) {
        if (FcCharSetHasChar(set->faces[0].characters, codepoint)) {
            set->first_has[codepoint >> 3] |= (uint8_t)(1U << (codepoint & 7));
        }
    }
    *ret_set = set;
    return STATUS_OK;
}

enum status font_set_open(const struct font_set **ret_set, struct error *ret_error)
{
    enum status status = STATUS_OK;
    pthread_mutex_lock(&lock);
    if (the_set == NULL) {
        status = set_make(&the_set, ret_error);
    }
    if (status == STATUS_OK) {
        *ret_set = the_set;
    }
    pthread_mutex_unlock(&lock);
    return status;
}

bool font_set_has(const struct font_set *set, uint16_t face, uint32_t codepoint)
{
    if (face == 0 && codepoint < 0x10000) {
        return (set->first_has[codepoint >> 3] >> (codepoint & 7) & 1) != 0;
    }
    return FcCharSetHasChar(set->faces[face].characters, codepoint);
}

uint16_t font_set_find_all(const struct font_set *set, const uint32_t *characters, size_t n)
{
    for (size_t i = 0; i < set->n_faces; i++) {
        size_t k = 0;
        while (k < n && font_set_has(set, (uint16_t)i, characters[k])) {
            k++;
        }
        if (k == n) {
            return (uint16_t)i;
        }
    }
    return FONT_NONE;
}

uint16_t font_set_find(const struct font_set *set, uint32_t codepoint)
{
    if (font_set_has(set, 0, codepoint)) {
        return 0;
    }
    return font_set_find_all(set, &codepoint, 1);
}

bool font_set_has_family(const struct font_set *set, const char *family)
{
    for (size_t i = 0; i < set->n_faces; i++) {
        if (strcmp(set->faces[i].family, family) == 0) {
            return true;
        }
    }
    return false;
}

/* The face, loaded; face 0 (always loaded) stands in for one whose file has gone or is broken. */
static const struct font_face *face_get(const struct font_set *set, uint16_t index)
{
    /* The set is logically constant: loading a face is a cache, guarded by the lock. */
    struct font_face *face = (struct font_face *)&set->faces[index];
    if (atomic_load_explicit(&face->shaper, memory_order_acquire) != NULL) {
        return face;
    }
    pthread_mutex_lock(&lock);
    bool is_loaded =
        atomic_load_explicit(&face->shaper, memory_order_relaxed) != NULL || face_load(face);
    pthread_mutex_unlock(&lock);
    return is_loaded ? face : &set->faces[0];
}

hb_font_t *font_set_shaper(const struct font_set *set, uint16_t face)
{
    return atomic_load_explicit(&face_get(set, face)->shaper, memory_order_acquire);
}

cairo_font_face_t *font_set_face(const struct font_set *set, uint16_t face, enum weight weight)
{
    return face_get(set, face)->faces[weight];
}
