/* The check for people, and for programs. */
#include <stdlib.h>
#include <string.h>

#include "base/json_writer.h"
#include "import/check_internal.h"

/* The laboratory is asked by the service that makes the report: it is none of the databases. */
static bool counts(const char *source)
{
    return strcmp(source, "lab") != 0;
}

static bool is_section_complete(const struct check_section *section)
{
    for (const struct check_lack *lack = section->lacks; lack != NULL; lack = lack->next) {
        if (counts(lack->source)) {
            return false;
        }
    }
    for (const struct check_rule *one = section->rules; one != NULL; one = one->next) {
        if (counts(one->need->source)) {
            return false;
        }
    }
    return section->empty == NULL;
}

bool check_is_complete(const struct check *check)
{
    for (size_t i = 0; i < check->n_sections; i++) {
        if (!is_section_complete(&check->sections[i])) {
            return false;
        }
    }
    return true;
}

static void print_need(const struct check_rule *one, FILE *output)
{
    fprintf(output, "%s %s%s%s", one->need->source, one->need->table,
        one->need->column == NULL ? "" : ".", one->need->column == NULL ? "" : one->need->column);
}

static void print_section(const struct check_section *section, FILE *output)
{
    bool is_whole = is_section_complete(section);
    fprintf(output, "%2d  %-44s", section->number, word_text(section->title, LANGUAGE_EN));
    if (section->n_rules > 0) {
        fprintf(output, "  %zu of %zu rules", section->n_rules - section->n_unassessed,
            section->n_rules);
    }
    fputs(is_whole ? "  complete\n" : "\n", output);
    for (const struct check_lack *lack = section->lacks; lack != NULL; lack = lack->next) {
        fprintf(output, "      not provided by %-5s %s\n", lack->source,
            word_text(lack->what, LANGUAGE_EN));
    }
    for (const struct check_empty *empty = section->empty; empty != NULL; empty = empty->next) {
        fprintf(output, "      no rows in      %-5s %s\n", empty->source, empty->table);
    }
    for (const struct check_rule *one = section->rules; one != NULL; one = one->next) {
        fprintf(output, "      not assessed    %-8s needs ", one->rule->code);
        print_need(one, output);
        if (one->note != NULL) {
            fprintf(output, " (%s)", one->note);
        }
        fputc('\n', output);
    }
}

void check_print_text(const struct check *check, FILE *output)
{
    fprintf(output, "study %s, site %s, as of %s\n", check->study == NULL ? "-" : check->study,
        check->site_no, check->as_of);
    for (size_t i = 0; i < check->n_sections; i++) {
        print_section(&check->sections[i], output);
    }
}

static enum status write_piece(void *arg, struct bytes piece)
{
    FILE *output = arg;
    return fwrite(piece.data, 1, piece.len, output) == piece.len ? STATUS_OK : STATUS_UNAVAILABLE;
}

static void put_text(struct json_writer *json, const char *key, const char *value)
{
    json_key(json, key);
    json_text(json, value);
}

static void put_rule(struct json_writer *json, const struct check_rule *one)
{
    json_begin(json, '{');
    put_text(json, "code", one->rule->code);
    put_text(json, "title", word_text(one->rule->title, LANGUAGE_EN));
    put_text(json, "source", one->need->source);
    put_text(json, "table", one->need->table);
    put_text(json, "column", one->need->column);
    put_text(json, "note", one->note);
    json_end(json, '}');
}

static void put_section(struct json_writer *json, const struct check_section *section)
{
    json_begin(json, '{');
    json_key(json, "number");
    json_integer(json, section->number);
    put_text(json, "id", section->id);
    put_text(json, "title", word_text(section->title, LANGUAGE_EN));
    json_key(json, "rules");
    json_integer(json, (int64_t)section->n_rules);
    json_key(json, "not_provided");
    json_begin(json, '[');
    for (const struct check_lack *lack = section->lacks; lack != NULL; lack = lack->next) {
        json_begin(json, '{');
        put_text(json, "word", word_id(lack->what));
        put_text(json, "what", word_text(lack->what, LANGUAGE_EN));
        put_text(json, "source", lack->source);
        json_end(json, '}');
    }
    json_end(json, ']');
    json_key(json, "empty");
    json_begin(json, '[');
    for (const struct check_empty *empty = section->empty; empty != NULL; empty = empty->next) {
        json_begin(json, '{');
        put_text(json, "source", empty->source);
        put_text(json, "table", empty->table);
        json_end(json, '}');
    }
    json_end(json, ']');
    json_key(json, "not_assessed");
    json_begin(json, '[');
    for (const struct check_rule *one = section->rules; one != NULL; one = one->next) {
        put_rule(json, one);
    }
    json_end(json, ']');
    json_end(json, '}');
}

enum status check_print_json(const struct check *check, FILE *output)
{
    struct json_writer *json = malloc(sizeof(*json));
    if (json == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    json_init(json, write_piece, output);
    json_begin(json, '{');
    put_text(json, "study", check->study);
    put_text(json, "site_no", check->site_no);
    put_text(json, "as_of", check->as_of);
    json_key(json, "is_complete");
    json_bool(json, check_is_complete(check));
    json_key(json, "sections");
    json_begin(json, '[');
    for (size_t i = 0; i < check->n_sections; i++) {
        put_section(json, &check->sections[i]);
    }
    json_end(json, ']');
    json_end(json, '}');
    enum status status = json_finish(json);
    free(json);
    fputc('\n', output);
    return status;
}
