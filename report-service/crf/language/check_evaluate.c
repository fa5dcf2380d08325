#include <stdlib.h>
#include <string.h>

#include "crf/language/check_code.h"
#include "crf/language/check_number.h"

struct check_machine {
    struct check_matcher *matcher;
    struct check_slot stack[1 + CHECK_STACK_MAX]; /* the first one is below all of them */
};

/* One evaluation. */
struct run {
    struct check_machine *machine;
    const struct check_code *code;
    const struct check_value *values;
    struct check_slot *top; /* of the stack */
    size_t row;
    size_t n_rows;
    size_t n_steps;
    size_t n_matches;
    enum check_reason given_up; /* NONE: not */
};

struct check_machine *check_machine_new(void)
{
    struct check_machine *machine = calloc(1, sizeof(*machine));
    if (machine == NULL) {
        return NULL;
    }
    machine->matcher = check_matcher_new();
    if (machine->matcher == NULL) {
        free(machine);
        return NULL;
    }
    return machine;
}

void check_machine_free(struct check_machine *machine)
{
    if (machine != NULL) {
        check_matcher_free(machine->matcher);
        free(machine);
    }
}

static enum check_reason reason_of(enum check_state state)
{
    switch (state) {
    case CHECK_MISSING:
        return CHECK_REASON_MISSING;
    case CHECK_GIVEN:
        return CHECK_REASON_NONE;
    case CHECK_UNREADABLE:
        return CHECK_REASON_UNREADABLE;
    case CHECK_SEVERAL:
        return CHECK_REASON_SEVERAL;
    case CHECK_NOT_PROVIDED:
        return CHECK_REASON_NOT_PROVIDED;
    }
    return CHECK_REASON_NONE;
}

static const struct check_value MISSING = {.state = CHECK_MISSING};

static const struct check_value *row_of(const struct run *run, uint32_t reference)
{
    const struct check_value *many = &run->values[reference];
    return run->row < many->many.n_rows ? &many->many.rows[run->row] : &MISSING;
}

static void load(struct run *run, const struct check_value *value, const struct check_step *step)
{
    struct check_slot *slot = ++run->top;
    slot->blame = step->blame;
    slot->row = (uint32_t)run->row;
    slot->state = SLOT_GIVEN;
    if (UNLIKELY(value->state != CHECK_GIVEN)) {
        slot->state = SLOT_NONE;
        slot->reason = (uint8_t)reason_of(value->state);
        return;
    }
    _Static_assert(sizeof(slot->number) >= sizeof(slot->text), "the largest of both unions");
    memcpy(&slot->number, &value->number, sizeof(slot->number));
    if (step->choice == CHECK_BOOLEAN) {
        slot->state = value->truth ? SLOT_TRUE : SLOT_FALSE;
    }
}

static enum slot_state is_of(enum check_state state, enum check_predicate predicate, bool is_whole)
{
    if (state == CHECK_NOT_PROVIDED) {
        return SLOT_NONE;
    }
    if (predicate == IS_MISSING || predicate == IS_REQUIRED) {
        return (state == CHECK_MISSING) == (predicate == IS_MISSING) ? SLOT_TRUE : SLOT_FALSE;
    }
    if (state == CHECK_MISSING || state == CHECK_SEVERAL) {
        return SLOT_NONE;
    }
    if (predicate == IS_VALID) {
        return state == CHECK_GIVEN ? SLOT_TRUE : SLOT_FALSE;
    }
    return state != CHECK_GIVEN ? SLOT_NONE : is_whole ? SLOT_TRUE : SLOT_FALSE;
}

static void load_is(struct run *run, const struct check_step *step)
{
    const struct check_value *value =
        step->count == 1 ? row_of(run, step->argument) : &run->values[step->argument];
    enum check_predicate predicate = (enum check_predicate)step->choice;
    bool is_whole = predicate == IS_COMPLETE && value->state == CHECK_GIVEN &&
                    value->date.first == value->date.last;
    struct check_slot *slot = ++run->top;
    slot->state = (uint8_t)is_of(value->state, predicate, is_whole);
    slot->reason = (uint8_t)reason_of(value->state);
    slot->blame = step->blame;
    slot->row = (uint32_t)run->row;
}

static void match(struct run *run, const struct check_step *step)
{
    struct check_slot *slot = run->top;
    if (slot->state == SLOT_NONE) {
        return;
    }
    enum check_match found = MATCH_TOO_COSTLY;
    if (run->n_matches < CHECK_MATCHES_MAX) {
        found = check_match(run->machine->matcher, run->code->patterns[step->argument],
            slot->text.data, slot->text.len, run->n_matches++);
    }
    slot->blame = step->blame;
    switch (found) {
    case MATCH_YES:
        slot->state = SLOT_TRUE;
        break;
    case MATCH_NO:
        slot->state = SLOT_FALSE;
        break;
    case MATCH_UNREADABLE:
        slot->state = SLOT_NONE;
        slot->reason = CHECK_REASON_UNREADABLE;
        break;
    case MATCH_TOO_COSTLY:
        run->given_up = CHECK_REASON_MATCH;
        break;
    }
}

/* --- any, all, count ------------------------------------------------------------------------ */

/* What no row at all comes to. Returns whether there are rows to go through. */
static bool begin_rows(struct run *run, const struct check_step *step)
{
    const struct check_rows *rows = &run->code->rows[step->argument];
    struct check_slot *sum = ++run->top;
    sum->state = step->choice == CALL_ANY ? SLOT_FALSE : SLOT_TRUE;
    sum->blame = step->blame;
    sum->row = 0;
    sum->number = number_of(0);
    run->row = 0;
    run->n_rows = 0;
    for (size_t i = 0; i < rows->n_references; i++) {
        const struct check_value *value = &run->values[rows->references[i]];
        if (value->state == CHECK_NOT_PROVIDED) {
            sum->state = SLOT_NONE;
            sum->reason = CHECK_REASON_NOT_PROVIDED;
            return false;
        }
        run->n_rows = value->many.n_rows > run->n_rows ? value->many.n_rows : run->n_rows;
    }
    return run->n_rows > 0;
}

/* Add a row's result. Returns whether the next row is to be looked at. */
static bool end_row(struct run *run, const struct check_step *step)
{
    const struct check_slot *one = run->top--;
    struct check_slot *sum = run->top;
    bool is_decided = false;
    if (step->choice == CALL_COUNT) {
        sum->number.digits += one->state == SLOT_TRUE ? 1 : 0;
        is_decided = one->state == SLOT_NONE;
        if (is_decided) {
            *sum = *one;
        }
    } else if (step->choice == CALL_ANY) {
        check_apply_or(sum, one, step);
        is_decided = one->state == SLOT_TRUE;
    } else {
        check_apply_and(sum, one);
        is_decided = one->state == SLOT_FALSE;
    }
    run->n_steps += run->code->rows[step->argument].cost;
    if (run->n_steps > CHECK_STEPS_MAX) {
        run->given_up = CHECK_REASON_STEPS;
        return false;
    }
    if (is_decided || ++run->row == run->n_rows) {
        run->row = 0;
        return false;
    }
    return true;
}

/* --- the loop ------------------------------------------------------------------------------- */

/* Long texts cost more than a step: they are paid for where they are read. */
static void pay_for_text(struct run *run, const struct check_slot *slot)
{
    if (slot->state == SLOT_GIVEN && slot->text.len > CHECK_WORK_BYTES) {
        run->n_steps += slot->text.len / CHECK_WORK_BYTES;
    }
}

static void apply_two(struct run *run, const struct check_step *step)
{
    struct check_slot *right = run->top--;
    struct check_slot *left = run->top;
    switch ((enum check_op)step->op) {
    case OP_COMPARE:
        if (step->count == CHECK_TEXT) {
            pay_for_text(run, left);
        }
        check_apply_compare(left, right, step);
        break;
    case OP_AND:
        check_apply_and(left, right);
        break;
    case OP_OR:
        check_apply_or(left, right, step);
        break;
    case OP_IMPLY:
        check_apply_imply(left, right);
        break;
    case OP_ADD:
    case OP_SUBTRACT:
    case OP_MULTIPLY:
    case OP_DIVIDE:
        check_apply_arithmetic(left, right, step);
        break;
    case OP_CONSTANT:
    case OP_LOAD:
    case OP_LOAD_ROW:
    case OP_IS:
    case OP_BETWEEN:
    case OP_IN:
    case OP_MATCH:
    case OP_NOT:
    case OP_JUMP_FALSE:
    case OP_JUMP_TRUE:
    case OP_NEGATE:
    case OP_CALL:
    case OP_ROWS_BEGIN:
    case OP_ROWS_NEXT:
        break;
    }
}

static void call(struct run *run, const struct check_step *step)
{
    bool has_two = step->choice == CALL_DAYS || step->choice == CALL_AGE;
    const struct check_slot *second = has_two ? run->top-- : run->top;
    if (step->choice == CALL_LEN) {
        pay_for_text(run, run->top);
    }
    check_apply_call(run->top, second, step);
}

static void negate(struct check_slot *slot)
{
    if (slot->state != SLOT_NONE) {
        slot->state = slot->state == SLOT_TRUE ? SLOT_FALSE : SLOT_TRUE;
    }
}

static void run_steps(struct run *run)
{
    const struct check_code *code = run->code;
    const struct check_step *end = code->steps + code->n_steps;
    for (const struct check_step *step = code->steps; step < end && run->given_up == 0; step++) {
        switch ((enum check_op)step->op) {
        case OP_CONSTANT:
            load(run, &code->constants[step->argument], step);
            break;
        case OP_LOAD:
            load(run, &run->values[step->argument], step);
            break;
        case OP_LOAD_ROW:
            load(run, row_of(run, step->argument), step);
            break;
        case OP_IS:
            load_is(run, step);
            break;
        case OP_BETWEEN:
            run->top -= 2;
            check_apply_between(run->top, run->top + 1, run->top + 2, step);
            break;
        case OP_IN:
            check_apply_in(run->top, step, code->constants);
            break;
        case OP_MATCH:
            match(run, step);
            break;
        case OP_NOT:
            negate(run->top);
            break;
        case OP_JUMP_FALSE:
        case OP_JUMP_TRUE:
            if (run->top->state == (step->op == OP_JUMP_TRUE ? SLOT_TRUE : SLOT_FALSE)) {
                step = code->steps + step->argument - 1;
            }
            break;
        case OP_NEGATE:
            run->top->number = number_negate(run->top->number);
            break;
        case OP_CALL:
            call(run, step);
            break;
        case OP_ROWS_BEGIN:
            if (!begin_rows(run, step)) {
                step = code->steps + code->rows[step->argument].end - 1;
            }
            break;
        case OP_ROWS_NEXT:
            if (end_row(run, step)) {
                step = code->steps + code->rows[step->argument].body - 1;
            }
            break;
        case OP_COMPARE:
        case OP_AND:
        case OP_OR:
        case OP_IMPLY:
        case OP_ADD:
        case OP_SUBTRACT:
        case OP_MULTIPLY:
        case OP_DIVIDE:
            apply_two(run, step);
            break;
        }
    }
}

enum check_outcome check_evaluate(struct check_machine *machine,
    const struct check_program *program, const struct check_value *values,
    struct check_result *ret_result)
{
    static const enum check_outcome OUTCOMES[] = {
        [SLOT_FALSE] = CHECK_FAILS, [SLOT_TRUE] = CHECK_HOLDS, [SLOT_NONE] = CHECK_NOT_APPLICABLE};
    struct run run = {
        .machine = machine, .code = program->code, .values = values, .top = machine->stack};
    run_steps(&run);
    const struct check_slot *slot = &machine->stack[1];
    if (run.given_up != CHECK_REASON_NONE) {
        *ret_result =
            (struct check_result){CHECK_TOO_COSTLY, run.given_up, run.top->blame, run.row};
    } else {
        *ret_result = (struct check_result){.outcome = OUTCOMES[slot->state],
            .reason =
                slot->state == SLOT_NONE ? (enum check_reason)slot->reason : CHECK_REASON_NONE,
            .reference = slot->blame,
            .row = slot->row};
    }
    return ret_result->outcome;
}
