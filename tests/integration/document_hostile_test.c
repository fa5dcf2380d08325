/* What is hard to set, drawn by a process of its own and asked back by other programs: qpdf of the
 * structure, pdftotext of names in every script, pdffonts of the fallback. A tool that is not
 * installed skips its tests. Run with three arguments it is that process: it draws the report in
 * the language named into the file named, and prints the most memory it had. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/document/document.h"
#include "audit/document/text_prepare.h"
#include "support/sample_hostile.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { IS_SANITIZED = 1 };
#else
enum { IS_SANITIZED = 0 };
#endif

enum { OUTPUT_MAX = 8 * 1024 * 1024, COMMAND_MAX = 8192 };
enum { MEMORY_KB_MAX = 70 * 1024, PLAIN_MEMORY_KB_MAX = 40 * 1024 };

/* Only the two families that Walkie needs, the fallback is away; %s: the folder for its cache. */
static const char FEW_FONTS[] =
    "<?xml version=\"1.0\"?><!DOCTYPE fontconfig SYSTEM \"fonts.dtd\"><fontconfig>"
    "<dir>/usr/share/fonts/truetype/wqy</dir><dir>/usr/share/fonts/truetype/dejavu</dir>"
    "<cachedir>%s/cache</cachedir></fontconfig>\n";

struct drawn {
    char program[COMMAND_MAX / 4];
    char folder[32];
    char output[OUTPUT_MAX]; /* of the last command */
};

static void run(struct drawn *drawn, const char *command)
{
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    size_t len = fread(drawn->output, 1, OUTPUT_MAX - 1, pipe);
    drawn->output[len] = '\0';
    int code = pclose(pipe);
    assert_int_equal(code, 0);
}

static void need_tool(const char *name)
{
    char command[64];
    snprintf(command, sizeof(command), "command -v %s >/dev/null", name);
    if (system(command) != 0) {
        print_message("%s is not installed\n", name);
        skip();
    }
}

/* Draw FOLDER/NAME.pdf under these settings. The child's log and memory are the output. */
static void draw(struct drawn *drawn, const char *settings, const char *language, const char *name)
{
    char command[COMMAND_MAX];
    snprintf(command, sizeof(command), "%s \"%s\" draw %s %s/%s.pdf 2>&1", settings, drawn->program,
        language, drawn->folder, name);
    run(drawn, command);
}

static void ask(struct drawn *drawn, const char *tool, const char *name, const char *after)
{
    char command[COMMAND_MAX];
    snprintf(command, sizeof(command), "%s %s/%s.pdf %s 2>&1", tool, drawn->folder, name, after);
    run(drawn, command);
}

static size_t count(const char *text, const char *needle)
{
    size_t n = 0;
    for (const char *at = strstr(text, needle); at != NULL; at = strstr(at + 1, needle)) {
        n++;
    }
    return n;
}

static void draw_without_fallback(struct drawn *drawn, const char *name)
{
    char settings[64];
    snprintf(settings, sizeof(settings), "env FONTCONFIG_FILE=%s/few.conf", drawn->folder);
    draw(drawn, settings, "en", name);
}

static void qpdf_finds_nothing_to_warn_about(void **state)
{
    struct drawn *drawn = *state;
    need_tool("qpdf");
    static const char *const NAMES[] = {"en", "zh-CN"};
    for (size_t i = 0; i < LENGTH_OF(NAMES); i++) {
        ask(drawn, "qpdf --check", NAMES[i], "");
        assert_null(strstr(drawn->output, "WARNING"));
        assert_non_null(strstr(drawn->output, "No syntax or stream encoding errors"));
    }
}

/* The blanks part a name over lines: every word of it must be there. */
static void assert_words(const char *text, const char *name)
{
    struct prepared prepared;
    assert_true(text_prepare(name, strlen(name), &prepared));
    char words[256];
    assert_true(prepared.len < sizeof(words));
    memcpy(words, prepared.string, prepared.len);
    words[prepared.len] = '\0';
    text_prepare_finish(&prepared);
    char *rest = NULL;
    for (char *word = strtok_r(words, " ", &rest); word != NULL;
         word = strtok_r(NULL, " ", &rest)) {
        assert_non_null(strstr(text, word));
    }
}

/* Marks of no composed letter are ordered by each reader of a PDF. */
static bool is_whole(const struct hostile_text *text)
{
    return strcmp(text->what, "Thai") != 0 && strcmp(text->what, "an emoji sequence") != 0 &&
           strcmp(text->what, "marks that no letter has composed") != 0;
}

static void names_in_every_script_come_back_as_text(void **state)
{
    struct drawn *drawn = *state;
    need_tool("pdftotext");
    draw_without_fallback(drawn, "few");
    for (int k = 0; k < 2; k++) {
        ask(drawn, "pdftotext", k == 0 ? "en" : "few", "-");
        for (size_t i = 0; i < HOSTILE_TEXTS_COUNT; i++) {
            if (is_whole(&HOSTILE_TEXTS[i])) {
                assert_words(drawn->output, HOSTILE_TEXTS[i].text);
            }
        }
    }
}

static void rare_names_are_set_in_the_fallback_font(void **state)
{
    struct drawn *drawn = *state;
    need_tool("pdffonts");
    need_tool("fc-list");
    run(drawn, "fc-list ':charset=2CB4E' family");
    if (strstr(drawn->output, "Noto Sans CJK SC") == NULL) {
        print_message("fonts-noto-cjk is not installed\n");
        skip();
    }
    draw(drawn, "env", "en", "en");
    assert_null(strstr(drawn->output, "U+2CB4E"));
    assert_null(strstr(drawn->output, "U+36C3"));
    ask(drawn, "pdffonts", "en", "");
    assert_non_null(strstr(drawn->output, "NotoSansCJK"));
    size_t n_fonts = count(drawn->output, "\n") - 2;
    assert_int_equal(count(drawn->output, "yes yes yes"), n_fonts);
}

static void without_it_one_warning_names_characters_and_package(void **state)
{
    struct drawn *drawn = *state;
    draw_without_fallback(drawn, "few");
    assert_int_equal(count(drawn->output, "document.glyphs_missing"), 1);
    assert_non_null(strstr(drawn->output, "U+36C3 U+4DAE U+2CB4E"));
    assert_non_null(strstr(drawn->output, "fonts-noto-cjk"));
    need_tool("pdffonts");
    ask(drawn, "pdffonts", "few", "");
    assert_null(strstr(drawn->output, "Noto"));
}

static void a_cell_of_300_lines_is_whole_and_marked_where_it_is_cut(void **state)
{
    struct drawn *drawn = *state;
    need_tool("pdftotext");
    ask(drawn, "pdftotext", "en", "-");
    for (int i = 1; i <= HOSTILE_LINES; i++) {
        char line[32];
        snprintf(line, sizeof(line), "line %d of 300\n", i);
        assert_int_equal(count(drawn->output, line), 1);
    }
    /* 52 lines on the first page, 59 on each of the next. */
    assert_int_equal(count(drawn->output, "continues on the next page\n"), 5);
    assert_int_equal(count(drawn->output, "row 2 (continued)\n"), 5);
    ask(drawn, "pdftotext", "zh-CN", "-");
    assert_int_equal(count(drawn->output, "下页续\n"), 5);
    assert_int_equal(count(drawn->output, "row 2（续）\n"), 5);
}

static void memory_is_bounded_with_the_fallback_and_without(void **state)
{
    struct drawn *drawn = *state;
    if (IS_SANITIZED) {
        skip();
    }
    draw(drawn, "env", "en", "en");
    const char *kb = strstr(drawn->output, "peak_kb=");
    assert_non_null(kb);
    assert_in_range(atol(kb + strlen("peak_kb=")), 1, MEMORY_KB_MAX);
    draw_without_fallback(drawn, "few");
    kb = strstr(drawn->output, "peak_kb=");
    assert_non_null(kb);
    assert_in_range(atol(kb + strlen("peak_kb=")), 1, PLAIN_MEMORY_KB_MAX);
}

/* --- the structure, as qpdf sees it --------------------------------------------------------- */

static const cJSON *field(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

static const char *text_of(const cJSON *object, const char *name)
{
    const char *text = cJSON_GetStringValue(field(object, name));
    return text == NULL ? "" : text;
}

/* The object that "12 0 R" refers to. */
static const cJSON *object_of(const cJSON *objects, const char *reference)
{
    char name[64];
    snprintf(name, sizeof(name), "obj:%s", reference);
    return field(field(objects, name), "value");
}

static cJSON *read_structure(struct drawn *drawn, const char *name, const cJSON **ret_objects)
{
    need_tool("qpdf");
    ask(drawn, "qpdf --json=2", name, "");
    cJSON *json = cJSON_Parse(drawn->output);
    assert_non_null(json);
    const cJSON *objects = cJSON_GetArrayItem(field(json, "qpdf"), 1);
    assert_non_null(objects);
    *ret_objects = objects;
    return json;
}

static const cJSON *catalog_of(const cJSON *objects)
{
    return object_of(objects, text_of(field(field(objects, "trailer"), "value"), "/Root"));
}

static bool is_page(const cJSON *objects, const cJSON *place)
{
    const cJSON *page = cJSON_GetArrayItem(place, 0);
    return cJSON_IsString(page) &&
           strcmp(text_of(object_of(objects, page->valuestring), "/Type"), "/Page") == 0;
}

/* Whether a destination, an array or a name of one, is on a page. */
static bool is_on_page(const cJSON *objects, const cJSON *destination)
{
    const char *name = cJSON_GetStringValue(destination);
    if (name == NULL) {
        return is_page(objects, destination);
    }
    const cJSON *names = field(field(field(catalog_of(objects), "/Names"), "/Dests"), "/Names");
    for (int i = 0; i + 1 < cJSON_GetArraySize(names); i += 2) {
        if (strcmp(cJSON_GetArrayItem(names, i)->valuestring, name) == 0) {
            return is_page(objects, cJSON_GetArrayItem(names, i + 1));
        }
    }
    return false;
}

static void every_link_and_bookmark_leads_to_a_page(void **state)
{
    struct drawn *drawn = *state;
    const cJSON *objects = NULL;
    cJSON *json = read_structure(drawn, "en", &objects);
    size_t n_links = 0;
    size_t n_bookmarks = 0;
    const cJSON *object = NULL;
    cJSON_ArrayForEach(object, objects)
    {
        const cJSON *value = field(object, "value");
        const cJSON *destination = field(value, "/Dest");
        bool is_link = strcmp(text_of(value, "/Subtype"), "/Link") == 0;
        assert_true(!is_link || destination != NULL);
        assert_true(destination == NULL || is_on_page(objects, destination));
        n_links += is_link ? 1 : 0;
        n_bookmarks += !is_link && destination != NULL ? 1 : 0;
    }
    cJSON_Delete(json);
    /* The contents, each name to the tall row and three of its rows back. */
    assert_in_range(n_links, n_bookmarks - 2 + HOSTILE_TEXTS_COUNT + 3, 100);
    assert_in_range(n_bookmarks, 10, 40);
}

static void the_file_is_tagged_and_says_its_language(void **state)
{
    struct drawn *drawn = *state;
    static const char *const ELEMENTS[] = {
        "/H1", "/P", "/Table", "/TR", "/TH", "/TD", "/Span", "/Link"};
    size_t n_found[LENGTH_OF(ELEMENTS)] = {0};
    const cJSON *objects = NULL;
    cJSON *json = read_structure(drawn, "zh-CN", &objects);
    const cJSON *catalog = catalog_of(objects);
    assert_string_equal(text_of(catalog, "/Lang"), "u:zh-CN");
    assert_true(cJSON_IsTrue(field(field(catalog, "/MarkInfo"), "/Marked")));
    const cJSON *object = NULL;
    cJSON_ArrayForEach(object, objects)
    {
        const cJSON *value = field(object, "value");
        if (strcmp(text_of(value, "/Type"), "/StructElem") != 0) {
            continue;
        }
        for (size_t i = 0; i < LENGTH_OF(ELEMENTS); i++) {
            n_found[i] += strcmp(text_of(value, "/S"), ELEMENTS[i]) == 0 ? 1 : 0;
        }
    }
    cJSON_Delete(json);
    for (size_t i = 0; i < LENGTH_OF(ELEMENTS); i++) {
        assert_in_range(n_found[i], 1, 2000);
    }
}

/* --- the child ------------------------------------------------------------------------------ */

static enum status write_file(void *arg, struct bytes piece)
{
    return fwrite(piece.data, 1, piece.len, arg) == piece.len ? STATUS_OK : STATUS_DATA_LOSS;
}

static int draw_here(const char *tag, const char *path)
{
    struct document_options options = {.language = LANGUAGE_EN};
    struct error error = ERROR_NONE;
    FILE *file = fopen(path, "wb");
    if (file == NULL || !language_parse(tag, &options.language)) {
        return 2;
    }
    struct report *report = sample_hostile_new();
    enum status status =
        document_write_pdf(ctx_background(), report, &options, write_file, file, &error);
    report_free(report);
    bool is_written = fclose(file) == 0 && status == STATUS_OK;
    char line[128];
    FILE *self = fopen("/proc/self/status", "r");
    while (self != NULL && fgets(line, sizeof(line), self) != NULL) {
        if (strncmp(line, "VmHWM:", 6) == 0) {
            printf("peak_kb=%ld\n", strtol(line + 6, NULL, 10));
        }
    }
    (void)(self != NULL && fclose(self));
    return is_written ? 0 : 1;
}

static int draw_files(void **state)
{
    static struct drawn drawn;
    ssize_t len = readlink("/proc/self/exe", drawn.program, sizeof(drawn.program) - 1);
    drawn.program[len < 0 ? 0 : len] = '\0';
    snprintf(drawn.folder, sizeof(drawn.folder), "/tmp/walkie-hostile-XXXXXX");
    if (mkdtemp(drawn.folder) == NULL) {
        return -1;
    }
    char path[64];
    snprintf(path, sizeof(path), "%s/few.conf", drawn.folder);
    FILE *file = fopen(path, "w");
    if (file == NULL || fprintf(file, FEW_FONTS, drawn.folder) < 0 || fclose(file) != 0) {
        return -1;
    }
    draw(&drawn, "env", "en", "en");
    draw(&drawn, "env", "zh-CN", "zh-CN");
    *state = &drawn;
    return 0;
}

static int remove_files(void **state)
{
    struct drawn *drawn = *state;
    char command[64];
    snprintf(command, sizeof(command), "rm -r -- %s", drawn->folder);
    return system(command);
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "draw") == 0) {
        return draw_here(argv[2], argv[3]);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(qpdf_finds_nothing_to_warn_about),
        cmocka_unit_test(names_in_every_script_come_back_as_text),
        cmocka_unit_test(rare_names_are_set_in_the_fallback_font),
        cmocka_unit_test(without_it_one_warning_names_characters_and_package),
        cmocka_unit_test(a_cell_of_300_lines_is_whole_and_marked_where_it_is_cut),
        cmocka_unit_test(memory_is_bounded_with_the_fallback_and_without),
        cmocka_unit_test(every_link_and_bookmark_leads_to_a_page),
        cmocka_unit_test(the_file_is_tagged_and_says_its_language),
    };
    return cmocka_run_group_tests(tests, draw_files, remove_files);
}
