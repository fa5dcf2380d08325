#include "call/listing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json_writer.h"

enum {
    FLAGS_TEXT_MAX = 64,
    DURATION_TEXT_MAX = 32,
    DESCRIBE_DEPTH_MAX = 64, /* what lies deeper can be described by its own name */
};

typedef Walkie__Rpc__V1__Method method_message;

static const char *kind_word(const method_message *method)
{
    switch (method->kind) {
    case WALKIE__RPC__V1__METHOD_KIND__METHOD_KIND_UNARY:
        return "unary";
    case WALKIE__RPC__V1__METHOD_KIND__METHOD_KIND_SERVER_STREAM:
        return "stream";
    case WALKIE__RPC__V1__METHOD_KIND__METHOD_KIND_UNKNOWN:
    case _WALKIE__RPC__V1__METHOD_KIND_IS_INT_SIZE:
        break;
    }
    return "unknown";
}

static const char *class_word(const method_message *method)
{
    return method->class_name[0] == '\0' ? "-" : method->class_name;
}

static void write_flags(const method_message *method, char ret_text[FLAGS_TEXT_MAX])
{
    const struct {
        bool is_set;
        const char *word;
    } flags[] = {{method->is_idempotent, "idempotent"}, {method->is_inline, "inline"},
        {method->is_fault, "fault"}, {method->is_refused, "refused"},
        {method->is_builtin, "builtin"}};
    size_t len = 0;
    ret_text[0] = '\0';
    for (size_t i = 0; i < LENGTH_OF(flags); i++) {
        if (flags[i].is_set) {
            int more = snprintf(
                ret_text + len, FLAGS_TEXT_MAX - len, "%s%s", len == 0 ? "" : ",", flags[i].word);
            len += more < 0 ? 0 : (size_t)more;
        }
    }
    if (len == 0) {
        snprintf(ret_text, FLAGS_TEXT_MAX, "-");
    }
}

/* "5s", "300ms": what --timeout takes. */
static void write_duration(uint64_t ns, char ret_text[DURATION_TEXT_MAX])
{
    if (ns == 0) {
        snprintf(ret_text, DURATION_TEXT_MAX, "-");
    } else if (ns % CLOCK_SECONDS(1) == 0) {
        snprintf(ret_text, DURATION_TEXT_MAX, "%llus", (unsigned long long)(ns / CLOCK_SECONDS(1)));
    } else {
        snprintf(ret_text, DURATION_TEXT_MAX, "%llums", (unsigned long long)(ns / CLOCK_MS(1)));
    }
}

static enum status print_row(
    const struct service_view *view, const method_message *method, struct buffer *text)
{
    char flags[FLAGS_TEXT_MAX];
    char usual[DURATION_TEXT_MAX];
    char most[DURATION_TEXT_MAX];
    write_flags(method, flags);
    write_duration(method->timeout_default_ns, usual);
    write_duration(method->timeout_max_ns, most);
    const struct schema_method *messages = schema_find_method(view->schema, method->name);
    return buffer_printf(text, "%-44s %-7s %-8s %-8s %-8s %-26s %s -> %s\n", method->name,
        kind_word(method), usual, most, class_word(method), flags,
        messages == NULL ? "?" : service_short_name(messages->input_name),
        messages == NULL ? "?" : service_short_name(messages->output_name));
}

static enum status print_table(const struct service_view *view, struct buffer *text)
{
    enum status status = buffer_printf(text, "%-44s %-7s %-8s %-8s %-8s %-26s %s\n", "METHOD",
        "KIND", "TIMEOUT", "AT MOST", "CLASS", "FLAGS", "REQUEST -> ANSWER");
    for (size_t i = 0; i < view->reply->n_methods && status == STATUS_OK; i++) {
        status = print_row(view, view->reply->methods[i], text);
    }
    return status;
}

static void print_json_row(
    const struct service_view *view, const method_message *method, struct json_writer *json)
{
    const struct schema_method *messages = schema_find_method(view->schema, method->name);
    json_begin(json, '{');
    json_key(json, "method");
    json_text(json, method->name);
    json_key(json, "kind");
    json_text(json, kind_word(method));
    json_key(json, "timeout_default_ms");
    json_number(json, (double)method->timeout_default_ns / 1e6);
    json_key(json, "timeout_max_ms");
    json_number(json, (double)method->timeout_max_ns / 1e6);
    json_key(json, "class");
    json_text(json, method->class_name[0] == '\0' ? NULL : method->class_name);
    json_key(json, "idempotent");
    json_bool(json, method->is_idempotent);
    json_key(json, "inline");
    json_bool(json, method->is_inline);
    json_key(json, "fault");
    json_bool(json, method->is_fault);
    json_key(json, "refused");
    json_bool(json, method->is_refused);
    json_key(json, "builtin");
    json_bool(json, method->is_builtin);
    json_key(json, "request");
    json_text(json, messages == NULL ? NULL : messages->input_name);
    json_key(json, "answer");
    json_text(json, messages == NULL ? NULL : messages->output_name);
    json_end(json, '}');
}

static enum status append_piece(void *arg, struct bytes piece)
{
    return buffer_append(arg, piece.data, piece.len);
}

static enum status print_json(const struct service_view *view, struct buffer *text)
{
    struct json_writer *json = malloc(sizeof(*json));
    if (json == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    json_init(json, append_piece, text);
    json_begin(json, '{');
    json_key(json, "server");
    json_text(json, view->reply->server);
    json_key(json, "methods");
    json_begin(json, '[');
    for (size_t i = 0; i < view->reply->n_methods; i++) {
        print_json_row(view, view->reply->methods[i], json);
    }
    json_end(json, ']');
    json_end(json, '}');
    enum status status = json_finish(json);
    free(json);
    return status == STATUS_OK ? buffer_append_text(text, "\n") : status;
}

static enum status print(
    struct output *output, const struct buffer *text, enum status status, struct error *ret_error)
{
    return status == STATUS_OK
               ? output_write(output, buffer_bytes(text), ret_error)
               : error_set(ret_error, status, "the service describes more than can be printed");
}

enum status listing_methods(
    const struct service_view *view, bool is_json, struct output *output, struct error *ret_error)
{
    CLEANUP(buffer_finish) struct buffer text = BUFFER_EMPTY(LISTING_LEN_MAX);
    enum status status = is_json ? print_json(view, &text) : print_table(view, &text);
    return print(output, &text, status, ret_error);
}

/* --- describing ----------------------------------------------------------------------------- */

struct describing {
    const struct schema *schema;
    struct buffer *text;
    bool *is_printed; /* by type, then by enum */
    unsigned int depth;
};

static enum status print_comment(struct buffer *text, const char *indent, const char *comment)
{
    return comment[0] == '\0' ? STATUS_OK : buffer_printf(text, "%s// %s\n", indent, comment);
}

static enum status print_enum(struct describing *describing, const struct schema_enum *enumeration)
{
    struct buffer *text = describing->text;
    bool *is_printed = &describing->is_printed[describing->schema->n_types +
                                               (size_t)(enumeration - describing->schema->enums)];
    if (*is_printed) {
        return STATUS_OK;
    }
    *is_printed = true;
    enum status status = text->len == 0 ? STATUS_OK : buffer_append_text(text, "\n");
    if (status == STATUS_OK) {
        status = print_comment(text, "", enumeration->comment);
    }
    if (status == STATUS_OK) {
        status = buffer_printf(text, "enum %s {\n", enumeration->name);
    }
    for (size_t i = 0; i < enumeration->n_values && status == STATUS_OK; i++) {
        const struct schema_value *value = &enumeration->values[i];
        bool is_bare = value->comment[0] == '\0';
        status = buffer_printf(text, "  %s = %d;%s%s\n", value->name, value->number,
            is_bare ? "" : "  // ", value->comment);
    }
    return status == STATUS_OK ? buffer_append_text(text, "}\n") : status;
}

static enum status print_field(struct buffer *text, const struct schema_field *field)
{
    enum { WORDS_MAX = 256 };
    char words[WORDS_MAX];
    schema_field_words(field, words, sizeof(words));
    bool is_bare = field->comment[0] == '\0';
    return buffer_printf(text, "  %s %s = %u;%s%s\n", words, field->name, field->number,
        is_bare ? "" : "  // ", field->comment);
}

static enum status print_type(struct describing *describing, const struct schema_type *type);

/* What the fields refer to, each once. A map's entries are shown by its field's words. */
static enum status print_references(struct describing *describing, const struct schema_type *type)
{
    enum status status = STATUS_OK;
    if (describing->depth == DESCRIBE_DEPTH_MAX) {
        return STATUS_OK;
    }
    describing->depth++;
    for (size_t i = 0; i < type->n_fields && status == STATUS_OK; i++) {
        const struct schema_field *field = &type->fields[i];
        if (field->enumeration != NULL) {
            status = print_enum(describing, field->enumeration);
        } else if (field->type != NULL && field->type->is_map_entry) {
            status = print_references(describing, field->type);
        } else if (field->type != NULL) {
            status = print_type(describing, field->type);
        }
    }
    describing->depth--;
    return status;
}

static enum status print_type(struct describing *describing, const struct schema_type *type)
{
    struct buffer *text = describing->text;
    bool *is_printed = &describing->is_printed[type - describing->schema->types];
    if (*is_printed) {
        return STATUS_OK;
    }
    *is_printed = true;
    enum status status = text->len == 0 ? STATUS_OK : buffer_append_text(text, "\n");
    if (status == STATUS_OK) {
        status = print_comment(text, "", type->comment);
    }
    if (status == STATUS_OK) {
        status = buffer_printf(text, "message %s {\n", type->name);
    }
    for (size_t i = 0; i < type->n_fields && status == STATUS_OK; i++) {
        status = print_field(text, &type->fields[i]);
    }
    if (status == STATUS_OK) {
        status = buffer_append_text(text, "}\n");
    }
    return status == STATUS_OK ? print_references(describing, type) : status;
}

static enum status print_method(struct describing *describing, const struct service_method *method)
{
    struct buffer *text = describing->text;
    char flags[FLAGS_TEXT_MAX];
    char usual[DURATION_TEXT_MAX];
    char most[DURATION_TEXT_MAX];
    write_flags(method->described, flags);
    write_duration(method->described->timeout_default_ns, usual);
    write_duration(method->described->timeout_max_ns, most);
    enum status status = print_comment(text, "", method->messages->comment);
    if (status == STATUS_OK) {
        status = buffer_printf(text,
            "// %s; class: %s; flags: %s; timeout %s unless the caller says, at most %s\n"
            "rpc %s(%s) returns (%s%s);\n",
            kind_word(method->described), class_word(method->described), flags, usual, most,
            method->described->name, method->messages->input_name,
            method->messages->is_server_stream ? "stream " : "", method->messages->output_name);
    }
    if (status == STATUS_OK) {
        status = print_type(describing, method->messages->input);
    }
    return status == STATUS_OK ? print_type(describing, method->messages->output) : status;
}

/* A full name, or its last part, of a message or enum; false when it is none. */
static bool is_named(const char *name, const char *word)
{
    return strcmp(name, word) == 0 || strcmp(service_short_name(name), word) == 0;
}

static enum status print_word(const struct service_view *view, const char *word,
    struct describing *describing, struct error *ret_error)
{
    const struct schema *schema = view->schema;
    struct error no_method = ERROR_NONE;
    struct service_method method;
    enum status status = service_view_find(view, word, &method, &no_method);
    if (status == STATUS_OK) {
        return print_method(describing, &method);
    }
    for (size_t i = 0; i < schema->n_types; i++) {
        if (is_named(schema->types[i].name, word)) {
            return print_type(describing, &schema->types[i]);
        }
    }
    for (size_t i = 0; i < schema->n_enums; i++) {
        if (is_named(schema->enums[i].name, word)) {
            return print_enum(describing, &schema->enums[i]);
        }
    }
    return error_set(ret_error, status, "%s", no_method.text);
}

enum status listing_describe(const struct service_view *view, const char *word,
    struct output *output, struct error *ret_error)
{
    CLEANUP(buffer_finish) struct buffer text = BUFFER_EMPTY(LISTING_LEN_MAX);
    struct describing describing = {.schema = view->schema, .text = &text};
    describing.is_printed = calloc(view->schema->n_types + view->schema->n_enums + 1, sizeof(bool));
    if (describing.is_printed == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    struct error words = ERROR_NONE;
    enum status status = print_word(view, word, &describing, &words);
    free(describing.is_printed);
    if (words.status != STATUS_OK) {
        return error_set(ret_error, words.status, "%s", words.text);
    }
    return print(output, &text, status, ret_error);
}
