/* The lookout for departures against the loop: a client leaves while its requests begin, run and
 * end, several of them at the same time (HTTP/2's streams), and while its connection's slot is given
 * to the next one.
 *
 * Proves, for two connections that use one slot after the other, with two requests each, beside or
 * after one another:
 *   - the lookout cancels no scope that has ended, and never that of another client than the one who
 *     left, however late it comes to its event;
 *   - who has left is cancelled before the request's end, or the loop had not heard of the leaving;
 *   - a request that waits when the lookout comes is cancelled by it, whatever the loop does with
 *     the others;
 *   - the loop and the lookout do not wait for each other.
 *
 * Threads: the loop; the lookout; the two clients, who may leave at any time, or not. Both the loop
 * and the lookout get the event of a leaving, in any order and once each.
 *
 * Abstracts: on_departure, http_departure_open, http_departure_add, http_departure_remove
 * (common/http/departure.c); http_exchange_dispatch, end_dispatched (exchange.c);
 * http_connection_on_event, http_connection_lost, http_connection_close (connection.c);
 * lose_waiting, h2_end (h2_session.c).
 *
 * Leaves out: the answer (http_exchange.pml), callbacks (ctx_after.pml), weak memory. */

#define N 2         /* generations of the slot */
#define REQUESTS 2  /* of each */
#define EXCHANGES 4 /* of all */
#define NONE 255

bool lock_taken;            /* departure.lock */
byte generation = NONE;     /* departure.generation */
bool is_waiting[EXCHANGES]; /* in departure.waiting */

bool has_left[N];
bool is_told_lookout[N]; /* its epoll has the event */
bool is_told_loop[N];
bool is_open[N];
bool is_scope_live[EXCHANGES];
bool is_cancelled[EXCHANGES];
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

/* ctx_cancel_collect; by the lookout or by the loop. */
inline cancel(whose)
{
    atomic {
        assert(is_scope_live[whose]);
        assert(has_left[(whose) / REQUESTS]);
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

inline begin(whose)
{
    is_scope_live[whose] = true; /* http_exchange_dispatch */
    lock();
    is_waiting[whose] = true; /* http_departure_add */
    unlock()
}

inline remove(whose)
{
#ifdef BUG_REMOVES_WITHOUT_THE_LOCK
    is_waiting[whose] = false
#else
    lock();
    is_waiting[whose] = false; /* http_departure_remove */
    unlock()
#endif
}

/* end_dispatched */
inline end(whose)
{
#ifdef BUG_FORGETS_AFTER_THE_END
    is_scope_live[whose] = false;
    remove(whose);
#else
    remove(whose);
    if
    :: has_heard -> cancel(whose)
    :: else
    fi;
    assert(!has_heard || is_cancelled[whose]);
    is_scope_live[whose] = false;
#endif
}

/* One connection's life on the loop. Its requests are 2 * me and the next. */
inline serve(me)
{
    lock();
    generation = me; /* http_departure_open */
    unlock();
    is_open[me] = true;
    n_begun = 0;
    has_heard = false;
    do
    :: n_begun < REQUESTS -> begin(me * REQUESTS + n_begun); n_begun++
    :: is_scope_live[me * REQUESTS] -> end(me * REQUESTS) /* answered */
    :: is_scope_live[me * REQUESTS + 1] -> end(me * REQUESTS + 1)
    :: atomic { is_told_loop[me] -> is_told_loop[me] = false };
       has_heard = true;
       break
    :: break /* closed, whoever still waits */
    od;
    if
    :: is_scope_live[me * REQUESTS] -> end(me * REQUESTS)
    :: else
    fi;
    if
    :: is_scope_live[me * REQUESTS + 1] -> end(me * REQUESTS + 1)
    :: else
    fi
}

active proctype loop()
{
    bool has_heard;
    byte n_begun;

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
    :: true ->
#else
    :: generation == token ->
#endif
       at = 0;
       do
       :: at < EXCHANGES ->
          if
          :: is_waiting[at] -> cancel(at)
          :: else
          fi;
#ifdef BUG_STOPS_AT_THE_FIRST
          if
          :: is_waiting[at] -> break
          :: else
          fi;
#endif
          at++
       :: else -> break
       od;
       at = 0;
       do
       :: at < EXCHANGES -> assert(!is_waiting[at] || is_cancelled[at]); at++
       :: else -> break
       od
    :: else
    fi;
    unlock()
}

active proctype lookout()
{
    byte at;

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
    assert(!is_waiting[0] && !is_waiting[1] && !is_waiting[2] && !is_waiting[3]);
    assert(!is_scope_live[0] && !is_scope_live[1] && !is_scope_live[2] && !is_scope_live[3])
}
