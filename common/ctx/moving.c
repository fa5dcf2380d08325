/* Deadlines that move: see ctx_with_moving_deadline.
 *
 * A moving node's deadline is a word beside the deadline that it inherits. Its descendants find the
 * node by `moving`, and look at the word each time they ask; one moving node leads to the next one
 * above it. All others have NULL there, and pay for one comparison.
 *
 * The timer is started for the deadline as of then. When it fires it looks whether the deadline has
 * come, and else starts itself again: so moving later costs no timer operation, moving earlier one.
 * While `is_armed` the timer holds one reference: in the wheel, or on the way through its function,
 * which then sees to what has changed meanwhile. Nobody else starts it in that time.
 *
 * Lock order: the node's lock, then the wheel's: only so are a move and its timer one step. */
#include <stddef.h>

#include "ctx/node.h"

uint64_t moving_deadline(const struct ctx *node, uint32_t *ret_origin)
{
    uint64_t earliest_ns = node->deadline_ns;
    for (const struct ctx *moving = node->moving; moving != NULL; moving = moving->parent->moving) {
        uint64_t deadline_ns =
            atomic_load_explicit(&moving->deadline.moving_ns, memory_order_relaxed);
        if (deadline_ns < earliest_ns) {
            earliest_ns = deadline_ns;
            if (ret_origin != NULL) {
                *ret_origin = atomic_load_explicit(&moving->moving_origin, memory_order_relaxed);
            }
        }
    }
    return earliest_ns;
}

/* See to it that the timer fires at `deadline_ns` or earlier. The node's lock is held. */
static void arm_locked(struct ctx *moving, uint64_t deadline_ns)
{
    if (!moving->is_armed) {
        moving->is_armed = true;
        node_ref(moving);
        ctx_timer_start(&moving->deadline.timer, deadline_ns);
    } else if (deadline_ns < moving->deadline.timer.due_ns &&
               ctx_timer_stop(&moving->deadline.timer)) {
        ctx_timer_start(&moving->deadline.timer, deadline_ns);
    }
}

static void moving_on_timer(void *arg)
{
    struct ctx *moving = arg;
    uint64_t now_ns = clock_now_ns();
    word_lock(&moving->lock);
    uint64_t deadline_ns = atomic_load_explicit(&moving->deadline.moving_ns, memory_order_relaxed);
    bool has_more = !moving->is_over && node_end(moving) == CTX_CAUSE_NONE &&
                    deadline_ns > now_ns && deadline_ns != CLOCK_NEVER;
    if (has_more) {
        ctx_timer_start(&moving->deadline.timer, deadline_ns);
    }
    moving->is_armed = has_more;
    word_unlock(&moving->lock);
    if (!has_more) {
        tree_cancel_if_due(moving, now_ns);
        node_unref(moving);
    }
}

bool moving_stop(struct ctx *moving)
{
    word_lock(&moving->lock);
    moving->is_over = true;
    bool has_won = moving->is_armed && ctx_timer_stop(&moving->deadline.timer);
    word_unlock(&moving->lock);
    /* Not won: its function runs, and drops the reference itself. */
    return has_won;
}

struct ctx_scope *ctx_with_moving_deadline_from(
    struct ctx_site site, const struct ctx *parent, enum ctx_origin origin, uint64_t deadline_ns)
{
    struct ctx *node = node_new(site, node_of(parent), clock_recent_ns());
    if (UNLIKELY(node == NULL)) {
        return &CTX_OUT_OF_MEMORY.scope;
    }
    node->is_moving = true;
    node->is_over = false;
    node->moving = node;
    atomic_init(&node->moving_origin, CTX_ORIGIN_NONE);
    atomic_init(&node->deadline.moving_ns, CLOCK_NEVER);
    ctx_timer_init(&node->deadline.timer, moving_on_timer, node);
    if (node_attach(node)) {
        (void)ctx_move_deadline(&node->scope, origin, deadline_ns);
    }
    return &node->scope;
}

bool ctx_move_deadline_from_peer(const struct ctx_scope *scope, enum ctx_origin origin,
    struct ctx_source source, uint64_t deadline_ns)
{
    struct ctx *node = node_of(scope->ctx);
    if (node->is_static) {
        return false; /* out of memory: it is done already */
    }
    assert(node->is_moving);
    uint64_t now_ns = clock_now_ns();
    const struct ending ending = {CTX_CAUSE_DEADLINE_EXCEEDED, now_ns, NULL};
    struct ctx *work = NULL;
    node_ref(node); /* those who are told here may end the scope at once */
    word_lock(&node->lock);
    bool is_live = node_end(node) == CTX_CAUSE_NONE;
    if (is_live) {
        atomic_store_explicit(
            &node->moving_origin, fact_make(origin, source), memory_order_relaxed);
        atomic_store_explicit(&node->deadline.moving_ns, deadline_ns, memory_order_relaxed);
        if (deadline_ns <= now_ns) {
            work = tree_finish_locked(node, ending, NULL);
            is_live = false;
        } else if (deadline_ns != CLOCK_NEVER) {
            arm_locked(node, deadline_ns);
        }
    }
    word_unlock(&node->lock);
    node_unref(node);
    tree_work_off(work, ending);
    return is_live;
}

bool ctx_move_deadline(const struct ctx_scope *scope, enum ctx_origin origin, uint64_t deadline_ns)
{
    return ctx_move_deadline_from_peer(scope, origin, CTX_SOURCE_HERE, deadline_ns);
}
