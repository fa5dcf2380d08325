#include <stdio.h>
#include <string.h>

#include "crf/language/check_given.h"
#include "crf/language/check_lexer.h"
#include "crf/language/check_number.h"

const char *const CHECK_COMPARATORS[] = {"=", "!=", "<", "<=", ">", ">="};
const char *const CHECK_PREDICATES[IS_COUNT] = {"missing", "required", "complete", "valid"};
const char *const CHECK_FUNCTIONS[CALL_FUNCTIONS] = {
    "days", "age", "year", "len", "abs", "round", "number", "any", "all", "count"};
const char *const CHECK_SCOPES[SCOPES] = {"", "subject", "visit", "form", "study"};

enum { PRINTED_LEN_MAX = 8 * CHECK_TEXT_LEN_MAX };

/* How tightly a node binds: what is looser than its place stands in parentheses. */
enum strength { LOOSE, OR, AND, NOT, CLAIM, SUM, PRODUCT, SIGNED, VALUE };

static enum strength strength_of(const struct check_node *node)
{
    switch (node->kind) {
    case NODE_IF:
        return LOOSE;
    case NODE_OR:
        return OR;
    case NODE_AND:
        return AND;
    case NODE_NOT:
        return NOT;
    case NODE_COMPARE:
    case NODE_BETWEEN:
    case NODE_IN:
    case NODE_IN_CODELIST:
    case NODE_MATCHES:
    case NODE_IS:
        return CLAIM;
    case NODE_ADD:
    case NODE_SUBTRACT:
        return SUM;
    case NODE_MULTIPLY:
    case NODE_DIVIDE:
        return PRODUCT;
    case NODE_NEGATE:
        return SIGNED;
    case NODE_NUMBER:
    case NODE_TEXT:
    case NODE_DAYS:
    case NODE_TRUTH:
    case NODE_REFERENCE:
    case NODE_CALL:
        return VALUE;
    }
    return VALUE;
}

struct printer {
    struct buffer text;
    enum status status;
};

static void put(struct printer *printer, const char *text)
{
    if (printer->status == STATUS_OK) {
        printer->status = buffer_append_text(&printer->text, text);
    }
}

/* Between quotes or brackets, with the closing one doubled. */
static void put_quoted(struct printer *printer, const char *text, char opening, char closing)
{
    char letters[3] = {opening, '\0', '\0'};
    put(printer, letters);
    for (; *text != '\0'; text++) {
        letters[0] = *text;
        letters[1] = *text == closing ? closing : '\0';
        put(printer, letters);
    }
    letters[0] = closing;
    letters[1] = '\0';
    put(printer, letters);
}

static void put_name(struct printer *printer, const char *name, bool is_special)
{
    if (is_special || lexer_needs_brackets(name)) {
        put_quoted(printer, name, '[', ']');
    } else {
        put(printer, name);
    }
}

/* A form that is called "visit" is no scope, a visit that is called PREVIOUS no earlier one. */
static bool is_scope_word(const char *form)
{
    for (unsigned int i = SCOPE_SUBJECT; i < SCOPES; i++) {
        if (strcmp(form, CHECK_SCOPES[i]) == 0) {
            return true;
        }
    }
    return false;
}

static void put_path(struct printer *printer, const struct check_path *path)
{
    if (path->visit == CHECK_PREVIOUS_VISIT) {
        put(printer, "PREVIOUS/");
    } else if (path->visit == CHECK_NAMED_VISIT) {
        put_name(printer, path->event, strcmp(path->event, "PREVIOUS") == 0);
        put(printer, "/");
    }
    if (path->form != NULL) {
        put_name(printer, path->form, path->scope == SCOPE_ITEM && is_scope_word(path->form));
        put(printer, ".");
    }
    put_name(printer, path->item, false);
}

static void put_node(struct printer *printer, const struct check_node *node, enum strength place);

static void put_chain(
    struct printer *printer, const struct check_node *node, const char *word, enum strength place)
{
    put_node(printer, node->first, place);
    for (const struct check_node *child = check_operand(node, 0)->next; child != NULL;
         child = child->next) {
        put(printer, word);
        put_node(printer, child, place);
    }
}

/* The left one of two may bind as tightly as the node, the right one more tightly. */
static void put_binary(struct printer *printer, const struct check_node *node, const char *sign)
{
    enum strength own = strength_of(node);
    put_node(printer, node->first, own == CLAIM ? SUM : own);
    put(printer, sign);
    put_node(printer, check_operand(node, 1), own == CLAIM ? SUM : (enum strength)(own + 1));
}

static void put_claim(struct printer *printer, const struct check_node *node)
{
    if (node->kind == NODE_COMPARE) {
        char sign[8] = " ";
        strcat(strcat(sign, CHECK_COMPARATORS[node->choice]), " ");
        put_binary(printer, node, sign);
        return;
    }
    put_node(printer, node->first, SUM);
    if (node->kind == NODE_IS) {
        put(printer, node->is_negated ? " is not " : " is ");
        put(printer, CHECK_PREDICATES[node->choice]);
        return;
    }
    put(printer, node->is_negated ? " not" : "");
    if (node->kind == NODE_BETWEEN) {
        put(printer, " between ");
        put_node(printer, check_operand(node, 1), SUM);
        put(printer, " and ");
        put_node(printer, check_operand(node, 2), SUM);
    } else if (node->kind == NODE_MATCHES) {
        put(printer, " matches ");
        put_node(printer, check_operand(node, 1), SUM);
    } else if (node->kind == NODE_IN_CODELIST) {
        put(printer, " in codelist");
    } else {
        const struct check_node list = {.first = check_operand(node, 1)};
        put(printer, " in (");
        put_chain(printer, &list, ", ", SUM);
        put(printer, ")");
    }
}

static void put_bare(struct printer *printer, const struct check_node *node)
{
    char number[NUMBER_TEXT_MAX];
    switch (node->kind) {
    case NODE_NUMBER:
        number_print(node->number, number);
        put(printer, number);
        break;
    case NODE_TEXT:
    case NODE_DAYS:
        put_quoted(printer, (const char *)node->literal.data, '"', '"');
        break;
    case NODE_TRUTH:
        put(printer, node->truth ? "true" : "false");
        break;
    case NODE_REFERENCE:
        put_path(printer, &node->path);
        break;
    case NODE_IF:
        put(printer, "if ");
        put_node(printer, node->first, LOOSE);
        put(printer, " then ");
        put_node(printer, check_operand(node, 1), LOOSE);
        break;
    case NODE_OR:
        put_chain(printer, node, " or ", AND);
        break;
    case NODE_AND:
        put_chain(printer, node, " and ", NOT);
        break;
    case NODE_NOT:
        put(printer, "not ");
        put_node(printer, node->first, NOT);
        break;
    case NODE_COMPARE:
    case NODE_BETWEEN:
    case NODE_IN:
    case NODE_IN_CODELIST:
    case NODE_MATCHES:
    case NODE_IS:
        put_claim(printer, node);
        break;
    case NODE_ADD:
        put_binary(printer, node, " + ");
        break;
    case NODE_SUBTRACT:
        put_binary(printer, node, " - ");
        break;
    case NODE_MULTIPLY:
        put_binary(printer, node, " * ");
        break;
    case NODE_DIVIDE:
        put_binary(printer, node, " / ");
        break;
    case NODE_NEGATE:
        put(printer, "-");
        put_node(printer, node->first, SIGNED);
        break;
    case NODE_CALL:
        put(printer, CHECK_FUNCTIONS[node->choice]);
        put(printer, "(");
        put_chain(printer, node, ", ", LOOSE);
        put(printer, ")");
        break;
    }
}

static void put_node(struct printer *printer, const struct check_node *node, enum strength place)
{
    bool has_parentheses = strength_of(node) < place;
    put(printer, has_parentheses ? "(" : "");
    put_bare(printer, node);
    put(printer, has_parentheses ? ")" : "");
}

char *check_print(const struct check_node *tree, struct arena *arena)
{
    struct printer printer = {.text = BUFFER_EMPTY(PRINTED_LEN_MAX), .status = STATUS_OK};
    put_node(&printer, tree, LOOSE);
    char *text = NULL;
    if (printer.status == STATUS_OK) {
        text = arena_printf(arena, "%.*s", (int)printer.text.len, (const char *)printer.text.data);
    }
    buffer_finish(&printer.text);
    return text;
}

void check_reference_name(const struct check_schema *schema,
    const struct check_reference *reference, char ret_name[CHECK_NAME_MAX])
{
    static const char *const NAMES[CHECK_PROPERTY_COUNT][2] = {
#define PROPERTY_NAME(name, scope, property, kind) [CHECK_##name] = {scope, property},
        CHECK_PROPERTIES(PROPERTY_NAME)
#undef PROPERTY_NAME
    };
    struct check_path path = {.visit = reference->visit, .scope = SCOPE_VISIT};
    if (reference->visit == CHECK_NAMED_VISIT) {
        path.event = schema->events[reference->event].oid;
    }
    if (reference->property == CHECK_ITEM) {
        const struct check_form *form = &schema->forms[reference->form];
        path.scope = SCOPE_ITEM;
        path.form = reference->is_own ? NULL : form->oid;
        path.item = form->items[reference->item].oid;
    } else {
        path.form = NAMES[reference->property][0];
        path.item = NAMES[reference->property][1];
    }
    struct printer printer = {.text = BUFFER_EMPTY(CHECK_NAME_MAX - 1), .status = STATUS_OK};
    put_path(&printer, &path);
    snprintf(ret_name, CHECK_NAME_MAX, "%.*s", (int)printer.text.len,
        printer.text.data == NULL ? "" : (const char *)printer.text.data);
    buffer_finish(&printer.text);
}
