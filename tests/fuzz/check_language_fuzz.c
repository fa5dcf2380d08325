/* Any bytes are an expression or refused at a place within them; what compiles prints as something
 * that reads as the same, and comes to an end with any values. The first line is the expression,
 * each further one a value for the next reference. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crf/language/check.h"
#include "crf/language/check_tree.h"
#include "support/check_study.h"

enum { INPUT_MAX = 8192, MEMORY_MAX = 8 << 20, ROWS_MAX = 8 };

static void check_place(const char *text, const struct check_error *error)
{
    char pointer[CHECK_POINTER_MAX];
    if (error->status == STATUS_OK || error->text[0] == '\0' || error->offset > strlen(text)) {
        abort();
    }
    check_error_point(text, error, pointer);
    if (strlen(pointer) >= sizeof(pointer)) {
        abort();
    }
}

static void check_printing(const char *text, struct arena *arena)
{
    struct check_compiler first = {
        .text = text, .schema = &CHECK_STUDY, .form = CHECK_STUDY_VS, .arena = arena};
    char *printed = check_print(check_read(&first), arena);
    if (printed == NULL || strlen(printed) > CHECK_TEXT_LEN_MAX) {
        return; /* longer with its blanks */
    }
    struct check_compiler second = {
        .text = printed, .schema = &CHECK_STUDY, .form = CHECK_STUDY_VS, .arena = arena};
    const struct check_node *tree = check_read(&second);
    const char *again = tree == NULL ? NULL : check_print(tree, arena);
    if ((again == NULL && !arena_has_failed(arena)) ||
        (again != NULL && strcmp(again, printed) != 0)) {
        abort();
    }
}

/* The next line, NULL after the last one. */
static char *next_line(char **rest)
{
    char *line = *rest;
    if (line != NULL) {
        *rest = strchr(line, '\n');
        if (*rest != NULL) {
            *(*rest)++ = '\0';
        }
    }
    return line;
}

static void evaluate(const struct check_program *program, char *values)
{
    static struct check_machine *machine;
    struct check_value given[CHECK_REFERENCES_MAX];
    static struct check_value rows[CHECK_REFERENCES_MAX][ROWS_MAX];
    struct check_result result;
    machine = machine == NULL ? check_machine_new() : machine;
    for (size_t i = 0; i < program->n_references; i++) {
        const struct check_reference *reference = &program->references[i];
        const char *line = next_line(&values);
        check_value_parse(reference->kind, line, &given[i]);
        if (reference->is_many) {
            size_t n_rows = line == NULL ? 0 : strlen(line) % (ROWS_MAX + 1);
            for (size_t row = 0; row < n_rows; row++) {
                check_value_parse(reference->kind, line + row, &rows[i][row]);
            }
            given[i] = (struct check_value){.state = CHECK_GIVEN, .many = {rows[i], n_rows}};
        }
    }
    check_evaluate(machine, program, given, &result);
    bool has_reason = result.reason != CHECK_REASON_NONE;
    if (result.reference >= (int)program->n_references ||
        has_reason !=
            (result.outcome == CHECK_NOT_APPLICABLE || result.outcome == CHECK_TOO_COSTLY)) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static char input[INPUT_MAX + 1];
    struct check_program program;
    struct check_error error = {.status = STATUS_OK};
    if (len > INPUT_MAX) {
        return 0;
    }
    memcpy(input, data, len);
    input[len] = '\0';
    char *rest = input;
    const char *text = next_line(&rest);
    struct arena *arena = arena_new(MEMORY_MAX);
    if (arena == NULL) {
        return 0;
    }
    if (check_compile(text, &CHECK_STUDY, CHECK_STUDY_VS, arena, &program, &error) == STATUS_OK) {
        check_printing(text, arena);
        evaluate(&program, rest);
    } else {
        check_place(text, &error);
    }
    arena_free(arena);
    return 0;
}
