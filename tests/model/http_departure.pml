/* The lookout for departures against the loop: a client leaves while its request begins, runs, ends,
 * and while its connection's slot is given to the next one.
 *
 * Proves, for two connections that use one slot after the other, with a request each:
 *   - the lookout cancels no scope that has ended, and never that of another client than the one who
 *     left, however late it comes to its event;
 *   - who has left is cancelled before the request's end, or the loop had not heard of the leaving;
 *   - the loop and the lookout do not wait for each other.
 *
 * Threads: the loop; the lookout; the two clients, who may leave at any time, or not. Both the loop
 * and the lookout get the event of a leaving, in any order and once each.
 *
 * Abstracts: on_departure, http_departure_open, http_departure_set (common/http/departure.c);
 * http_exchange_dispatch, http_exchange_over (exchange.c), http_connection_on_event,
 * http_connection_lost, http_connection_close (connection.c).
 *
 * Leaves out: the answer (http_exchange.pml), callbacks (ctx_after.pml), several requests of a
 * connection, weak memory. */

#define N 2 /* generations of the slot */
#define NONE 255

bool lock_taken;         /* departure.lock */
byte generation = NONE;  /* departure.generation */
byte scope = NONE;       /* departure.scope: whose; NONE: NULL */

bool has_left[N];
bool is_told_lookout[N]; /* its epoll has the event */
bool is_told_loop[N];
bool is_open[N];
bool is_scope_live[N];
bool is_cancelled[N];
bool is_over;
byte n_finished;

inline lock()
{
    atomic { !lock_taken -> lock_taken = true }
}

inline unlock()
{
    lock_taken = false
}

inline set(whose)
{
    lock();
    scope = whose;
    unlock()
}

/* ctx_cancel_collect; by the lookout or by the loop. */
inline cancel(whose)
{
    atomic {
        assert(is_scope_live[whose]);
        assert(has_left[whose]);
        is_cancelled[whose] = true
    }
}

proctype client(byte me)
{
    if
    :: atomic {
           is_open[me] ->
           has_left[me] = true;
           is_told_lookout[me] = true;
           is_told_loop[me] = true
       }
    :: true
    fi;
    n_finished++
}

/* One connection's life on the loop. */
inline serve(me)
{
    lock();
    generation = me; /* http_departure_open */
    unlock();
    is_open[me] = true;
    is_scope_live[me] = true; /* a request: http_exchange_dispatch */
    set(me);
    if
    :: atomic { is_told_loop[me] -> is_told_loop[me] = false };
       has_heard = true;
       cancel(me)
    :: true /* answered */
    fi;
#ifdef BUG_FORGETS_AFTER_THE_END
    is_scope_live[me] = false;
    set(NONE);
#else
    set(NONE); /* http_exchange_over */
    assert(!has_heard || is_cancelled[me]);
    is_scope_live[me] = false;
#endif
    has_heard = false
}

active proctype loop()
{
    bool has_heard;

    serve(0);
    serve(1);
    is_over = true;
    n_finished++
}

/* It has read the event, and comes to it when it comes. */
inline on_departure(token)
{
    lock();
    if
#ifdef BUG_IGNORES_THE_GENERATION
    :: scope != NONE -> cancel(scope)
#else
    :: generation == token && scope != NONE -> cancel(scope)
#endif
    :: else
    fi;
    unlock()
}

active proctype lookout()
{
    do
    :: atomic { is_told_lookout[0] -> is_told_lookout[0] = false };
       on_departure(0)
    :: atomic { is_told_lookout[1] -> is_told_lookout[1] = false };
       on_departure(1)
    :: is_over && !is_told_lookout[0] && !is_told_lookout[1] -> break
    od;
    n_finished++
}

init
{
    run client(0);
    run client(1);
    n_finished == 4;
    assert(!is_scope_live[0] && !is_scope_live[1] && scope == NONE)
}
