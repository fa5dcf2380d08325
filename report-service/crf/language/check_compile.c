#include <string.h>

#include "base/utf8.h"
#include "crf/language/check_code.h"

static bool check_bytes(struct check_compiler *compiler)
{
    const char *text = compiler->text;
    size_t len = strnlen(text, CHECK_TEXT_LEN_MAX + 1);
    if (len > CHECK_TEXT_LEN_MAX) {
        return check_fail(compiler, STATUS_OUT_OF_RANGE, 0,
            "the expression is longer than %d bytes", CHECK_TEXT_LEN_MAX);
    }
    if (text[strspn(text, " \t\r\n")] == '\0') {
        return check_fail(compiler, STATUS_INVALID_ARGUMENT, 0, "the expression is empty");
    }
    uint32_t codepoint;
    for (const char *at = text; at < text + len;) {
        size_t n_bytes = utf8_decode(at, text + len, &codepoint);
        if (utf8_is_damaged(n_bytes, codepoint)) {
            return check_fail(
                compiler, STATUS_INVALID_ARGUMENT, (size_t)(at - text), "this is no UTF-8");
        }
        at += n_bytes;
    }
    return true;
}

struct check_node *check_read(struct check_compiler *compiler)
{
    if (!check_bytes(compiler)) {
        return NULL;
    }
    struct check_node *tree = check_parse(compiler);
    if (tree == NULL || !check_types(compiler, tree)) {
        return NULL;
    }
    if (tree->type != CHECK_BOOLEAN) {
        check_fail(compiler, STATUS_INVALID_ARGUMENT, tree->offset,
            "a check says what must hold, and this is a %s", check_kind_name(tree->type));
        return NULL;
    }
    return tree;
}

enum status check_compile(const char *text, const struct check_schema *schema, size_t form,
    struct arena *arena, struct check_program *ret_program, struct check_error *ret_error)
{
    struct check_compiler compiler = {.text = text, .schema = schema, .form = form, .arena = arena};
    const struct check_node *tree = check_read(&compiler);
    struct check_program program;
    if (tree == NULL || !check_emit(&compiler, tree, &program)) {
        if (ret_error != NULL) {
            *ret_error = compiler.error;
        }
        return compiler.error.status;
    }
    *ret_program = program;
    return STATUS_OK;
}
