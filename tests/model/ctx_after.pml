/* after_func against cancelling, the end of the scope, and giving the registration back.
 *
 * Proves, for two registrations on one context:
 *   - a function runs at most once, and never after ctx_stop or ctx_stop_wait said true;
 *   - it does run when they said false, and when nobody gave it back before the context was done;
 *   - ctx_stop_wait returns only when the function does not run any more, save to the function
 *     itself, where it does not wait for itself;
 *   - a registration is freed exactly once and not touched afterwards, and so is the node;
 *   - nobody sleeps for ever: not the notifier with a full queue, not ctx_stop_wait.
 *
 * Threads: the owner ends the scope; another thread cancels it, as the timer does at the deadline or
 * as those do who collect the callbacks and run them themselves (ctx_cancel_collect); two users
 * register and give back, before, while or after the function runs; the notifier. A function may
 * give back its own registration, and that of the other; but of two functions only one waits for
 * the other (what ctx.h forbids).
 *
 * Variants: VARIANT_EXPIRES has the timer, VARIANT_COLLECTS the one who runs the callbacks himself.
 *
 * Abstracts: ctx_after_func, ctx_after_queue, queue_push, queue_remove, run_first_locked,
 * notifier_run, ctx_callbacks_run, after_stop, after_free (common/ctx/after.c); tree_cancel, node_finish, node_tell_listeners (cancel.c);
 * node_on_deadline, ctx_scope_end (tree.c); node_listen, node_unlisten (wait.c); node_unref
 * (node.c).
 *
 * Leaves out: children, waiters, ctx_test_settle, the lack of memory; spurious wake-ups (the code
 * waits in loops); weak memory (every mutex and every atomic is taken as sequentially consistent).
 * Listeners are told in any order. A critical section that takes no other lock is one step. */

#define N 2
#define NONE 255
#define QUEUES 2
#define NOTIFIERS 0 /* the notifier's queue */
#define COLLECTED 1 /* the canceller's own */

mtype = { FRESH, WAITING, QUEUED, RUNNING, RAN };

typedef after {
    mtype phase;
    bool is_linked; /* listener.link != NULL */
    bool is_given_back;
    byte runner; /* the thread, while RUNNING */
    byte queue;  /* while QUEUED */
    byte next;
    byte previous;

    /* What the checks need to know. */
    bool is_freed;
    bool is_registered; /* the user has the handle, and shares it */
    bool is_claimed;    /* somebody gives it back: exactly once is the user's duty */
    bool is_stopped;    /* ctx_stop or ctx_stop_wait has returned */
    bool has_won;
    bool is_arg_gone;   /* the user has freed what the function works on */
    bool is_in_function;
    byte n_runs;
};

after afters[N];

bool node_lock;
bool is_done;
bool is_node_freed;
byte references = 2 + N; /* the owner's, the armed timer's, one of each user while it registers */
bool is_timer_armed = true;

byte head[QUEUES] = NONE;
byte tail[QUEUES] = NONE;
bool is_notifier_asleep;
bool is_user_asleep[N];

byte n_finished;

#define CHECK_LIVE(i) assert(!afters[i].is_freed)
#define CHECK_NODE() assert(!is_node_freed)

inline lock(mutex)
{
    atomic { !mutex -> mutex = true }
}

/* --- the node ------------------------------------------------------------------------------- */

inline node_unref()
{
    atomic {
        CHECK_NODE();
        assert(references > 0);
        references--;
        is_node_freed = references == 0;
    }
}

inline queue_push(i, to)
{
    afters[i].phase = QUEUED;
    afters[i].queue = to;
    afters[i].next = NONE;
    afters[i].previous = tail[to];
    if
    :: tail[to] != NONE ->
        CHECK_LIVE(tail[to]);
        afters[tail[to]].next = i
    :: else ->
        head[to] = i;
        is_notifier_asleep = is_notifier_asleep && to != NOTIFIERS
    fi;
    tail[to] = i
}

inline queue_remove(i)
{
    CHECK_LIVE(i);
    assert(afters[i].phase == QUEUED);
    if
    :: afters[i].previous != NONE ->
        CHECK_LIVE(afters[i].previous);
        afters[afters[i].previous].next = afters[i].next
    :: else -> head[afters[i].queue] = afters[i].next
    fi;
    if
    :: afters[i].next != NONE ->
        CHECK_LIVE(afters[i].next);
        afters[afters[i].next].previous = afters[i].previous
    :: else -> tail[afters[i].queue] = afters[i].previous
    fi;
    afters[i].next = NONE; /* only so that there are fewer states */
    afters[i].previous = NONE;
    afters[i].queue = 0
}

inline ctx_after_queue(i, to)
{
    atomic {
        CHECK_LIVE(i);
        queue_push(i, to)
    }
}

inline tree_cancel(to)
{
    atomic { CHECK_NODE(); references++ };
    lock(node_lock);
    if
    :: !is_done ->
        is_done = true;
        do
        :: atomic { afters[0].is_linked -> CHECK_LIVE(0); afters[0].is_linked = false };
           ctx_after_queue(0, to)
        :: atomic { afters[1].is_linked -> CHECK_LIVE(1); afters[1].is_linked = false };
           ctx_after_queue(1, to)
        :: !afters[0].is_linked && !afters[1].is_linked -> break
        od
    :: else
    fi;
    atomic { CHECK_NODE(); node_lock = false };
    node_unref()
}

/* --- after.c -------------------------------------------------------------------------------- */

inline after_free(i)
{
    node_unref();
    atomic {
        CHECK_LIVE(i);
        afters[i].is_freed = true
    }
}

/* Needs the local was_done. */
inline ctx_after_func(i)
{
    atomic { CHECK_NODE(); references++; afters[i].phase = WAITING };
    atomic {
        !node_lock -> /* node_listen */
        CHECK_NODE();
        was_done = is_done;
        afters[i].is_linked = !is_done
    };
    if
    :: was_done ->
        ctx_after_queue(i, NOTIFIERS);
        was_done = false
    :: else
    fi
}

#define IS_MINE(i) (afters[i].phase == RUNNING && afters[i].runner == _pid)

#ifdef BUG_WAITS_FOR_ITSELF
#define MUST_WAIT(i, is_inside) true
#else
#ifdef BUG_FUNCTIONS_WAIT_FOR_NONE
#define MUST_WAIT(i, is_inside) !is_inside
#else
#define MUST_WAIT(i, is_inside) !IS_MINE(i)
#endif
#endif

/* One turn of the loop around pthread_cond_wait, or what follows it, with the lock held. */
inline wait_or_give_back(i, is_waiting_for_it, is_inside)
{
    is_running = afters[i].phase == RUNNING;
    is_asleep = is_waiting_for_it && is_running && MUST_WAIT(i, is_inside);
    if
    :: is_asleep -> is_user_asleep[i] = true
    :: else -> afters[i].is_given_back = true
    fi
}

/* Needs the locals was_linked, has_won, is_running, is_asleep. */
inline after_stop(i, is_waiting_for_it, is_inside)
{
    CHECK_LIVE(i);
    atomic {
        !node_lock -> /* node_unlisten */
        CHECK_LIVE(i);
        CHECK_NODE();
        was_linked = afters[i].is_linked;
        afters[i].is_linked = false;
        has_won = was_linked
    };
    if
    :: was_linked -> after_free(i)
    :: else ->
        atomic {
            CHECK_LIVE(i);
            has_won = afters[i].phase == QUEUED;
            if
            :: has_won ->
                queue_remove(i);
                is_user_asleep[0] = false;
                is_user_asleep[1] = false
            :: else
            fi;
            wait_or_give_back(i, is_waiting_for_it, is_inside)
        };
        do
        :: is_asleep ->
            atomic {
                !is_user_asleep[i] ->
                CHECK_LIVE(i);
                wait_or_give_back(i, is_waiting_for_it, is_inside)
            }
        :: else -> break
        od;
        if
#ifdef BUG_FREES_WHILE_IT_RUNS
        :: true -> after_free(i)
#else
        :: !is_running -> after_free(i)
        :: else
#endif
        fi
    fi;
    /* What the caller may rely on, and does: it frees the argument. */
    atomic {
        assert(!afters[i].is_stopped);
        afters[i].is_stopped = true;
        afters[i].has_won = has_won;
        assert(!has_won || afters[i].n_runs == 0);
        if
        :: has_won || (is_waiting_for_it && !IS_MINE(i)) ->
            assert(!afters[i].is_in_function);
            afters[i].is_arg_gone = true
        :: else -> assert(!is_waiting_for_it || is_inside)
        fi;
        was_linked = false; /* fewer states */
        has_won = false;
        is_running = false
    }
}

#define CAN_CLAIM(i) (afters[i].is_registered && !afters[i].is_claimed)

inline give_back(i, is_inside)
{
    if
    :: after_stop(i, false, is_inside)
    :: after_stop(i, true, is_inside)
    fi
}

/* The first function may wait for the second, or the second for the first, but not both. */
inline give_back_other(i)
{
    if
    :: after_stop(i, false, true)
    :: i == 1 -> after_stop(i, true, true)
    fi
}

/* Any user's function. */
inline run_function(i)
{
    atomic {
        afters[i].n_runs++;
        assert(afters[i].n_runs == 1);
        afters[i].is_in_function = true;
        assert(!afters[i].is_arg_gone)
    };
    if
    :: atomic { CAN_CLAIM(i) -> afters[i].is_claimed = true };
       give_back(i, true)
    :: atomic { CAN_CLAIM(1 - i) -> afters[1 - i].is_claimed = true };
       give_back_other(1 - i)
    :: true
    fi;
    atomic {
        assert(!afters[i].is_arg_gone);
        afters[i].is_in_function = false
    }
}

/* Needs the locals registration, was_linked, has_won, is_running, is_asleep, is_given_back; the
 * queue is not empty. */
inline run_first(from)
{
    atomic {
        head[from] != NONE ->
        registration = head[from];
        queue_remove(registration);
        afters[registration].phase = RUNNING;
        afters[registration].runner = _pid
    };
    run_function(registration);
    atomic {
        CHECK_LIVE(registration);
        afters[registration].phase = RAN;
        afters[registration].runner = 0;
        is_given_back = afters[registration].is_given_back;
        is_user_asleep[0] = false;
        is_user_asleep[1] = false
    };
    if
    :: is_given_back -> after_free(registration)
    :: else
    fi;
    registration = NONE;
    is_given_back = false
}

active proctype notifier()
{
    byte registration = NONE;
    bool was_linked, has_won, is_running, is_asleep, is_given_back;

    do
    :: atomic { head[NOTIFIERS] == NONE -> is_notifier_asleep = true };
end_idle:
        !is_notifier_asleep
    :: run_first(NOTIFIERS)
    od
}

proctype user(byte me)
{
    bool was_done, was_linked, has_won, is_running, is_asleep;

    ctx_after_func(me);
    afters[me].is_registered = true;
    node_unref();
    if
    :: atomic { !afters[me].is_claimed -> afters[me].is_claimed = true };
       give_back(me, false)
    :: afters[me].is_claimed
    fi;
    n_finished++
}

/* node_on_deadline; ctx_timer_stop may come first. Or, with the same reference, somebody who cancels
 * before the scope ends and runs the callbacks himself. */
active proctype canceller()
{
    byte registration = NONE;
    bool was_linked, has_won, is_running, is_asleep, is_given_back;

    if
#ifdef VARIANT_EXPIRES
    :: atomic { is_timer_armed -> is_timer_armed = false };
       tree_cancel(NOTIFIERS);
       node_unref()
#endif
#ifdef VARIANT_COLLECTS
    :: atomic { is_timer_armed -> is_timer_armed = false };
       tree_cancel(COLLECTED);
       do
       :: run_first(COLLECTED)
       :: head[COLLECTED] == NONE -> break
       od;
       node_unref()
#endif
    :: !is_timer_armed
    fi;
    n_finished++
}

/* ctx_scope_end of a node below the background. */
active proctype owner()
{
    byte n_own = 1;
    bool is_sole;

    atomic {
        if
        :: is_timer_armed -> is_timer_armed = false; n_own = 2
        :: else
        fi
    };
    atomic { CHECK_NODE(); is_sole = references == n_own };
    if
    :: is_sole ->
        atomic { CHECK_NODE(); assert(references == n_own); references = 0; is_node_freed = true }
    :: else ->
        if
        :: n_own == 2 -> node_unref()
        :: else
        fi;
        tree_cancel(NOTIFIERS);
        node_unref()
    fi;
    n_finished++
}

init
{
    byte i;

    atomic {
        for (i : 0 .. N - 1) {
            afters[i].phase = FRESH;
            afters[i].next = NONE;
            afters[i].previous = NONE;
            run user(i)
        }
    };
    n_finished == N + 2 && head[NOTIFIERS] == NONE && head[COLLECTED] == NONE && is_notifier_asleep;
    atomic {
        for (i : 0 .. N - 1) {
            assert(afters[i].is_stopped && afters[i].is_freed);
            assert(afters[i].has_won == (afters[i].n_runs == 0))
        };
        assert(is_node_freed && references == 0)
    }
}
