/* The end of a parked request: the answer of another thread against the client's leaving and the
 * server's stop.
 *
 * Proves, for two requests on one loop:
 *   - on_done is told exactly once of every request that the handler saw, and its scope is ended
 *     exactly once; completed + cancelled = parked;
 *   - no post is lost: a loop does not sleep for ever while an answer waits, though the eventfd is
 *     written only when the mailbox was empty, and never by the loop itself;
 *   - an exchange is freed exactly once, by whoever lets go last (users and memory are counted
 *     apart), and not touched afterwards; nor is the loop, once http_server_stop has freed it.
 *
 * Threads: the loop; a worker for each request, which answers at once; the first one may also
 * let go without an answer, begin and end, begin and give up, or leave the end to on_sent (on the
 * loop's thread); a late user to whom on_done of the first gave a reference; the client of the
 * first, who may leave at any time; the server's stopper, who comes at any time or waits until all
 * is answered.
 *
 * Abstracts: http_exchange_dispatch, http_exchange_ref, http_exchange_unref, http_exchange_release,
 * http_exchange_give_back, http_exchange_over, end_dispatched, http_exchange_take (exchange.c);
 * http_mailbox_post, http_mailbox_run, take_all (mailbox.c); http_connection_on_event,
 * http_connection_lost, http_connection_close (connection.c); lock_live, unlock_and_tell,
 * http_respond, http_respond_begin, http_respond_end, http_exchange_orphaned (respond.c);
 * http_output_pump (output.c); run, wait_ms, close_all, http_loop_join (loop.c); http_server_stop.
 *
 * Variants: VARIANT_STREAM has the streamed answers, VARIANT_LATE the late user (one request),
 * VARIANT_LEAVE the client who leaves.
 *
 * Leaves out: bytes, keep-alive and the reuse of exchanges, partial sends, timeouts, draining; weak
 * memory (every mutex and every atomic is taken as sequentially consistent). */

#ifdef VARIANT_STREAM
#define IS_STREAM true
#else
#define IS_STREAM false
#endif
#ifdef VARIANT_LATE
#define IS_LATE true
#define N_REQUESTS 1
#else
#define IS_LATE false
#define N_REQUESTS N
#endif
#define N 2
#define NONE 255

mtype = { PARKED, BEGUN, ENDED, BROKEN };            /* enum http_answer */
mtype = { RESPOND, BEGIN, END, ORPHANED };           /* what is done to it */

typedef exchange {
    byte refs;
    byte users;
    bool is_locked;
    bool is_posted;
    byte next_mail;
    bool is_over;
    bool is_in_handler;
    bool has_connection;
    bool has_on_sent;
    mtype answer;

    /* What the checks need to know. */
    bool is_request_there;
    bool has_client_left;
    bool is_given; /* to the worker */
    bool is_on_sent_over;
    bool is_freed;
    byte n_done;
    byte n_scope_ends;
};

exchange exchanges[N];

byte mail = NONE;
bool wake_fd;
bool is_stopping;
bool is_loop_over;
bool is_loop_freed;
bool is_late_given;
byte n_parked;
byte n_completed;
byte n_cancelled;
byte n_finished;

#define X(i) exchanges[i]
#define CHECK_LIVE(i) assert(!X(i).is_freed)
#define CHECK_LOOP() assert(!is_loop_freed)

inline lock(i)
{
    atomic { !X(i).is_locked -> CHECK_LIVE(i); X(i).is_locked = true }
}

inline unlock(i)
{
    atomic { CHECK_LIVE(i); X(i).is_locked = false }
}

inline release(i)
{
    atomic {
        CHECK_LIVE(i);
        assert(X(i).refs > 0);
        X(i).refs--;
        X(i).is_freed = X(i).refs == 0
    }
}

/* --- the mailbox ---------------------------------------------------------------------------- */

/* Needs the locals was_posted, seen. The loop around the compare-and-swap is one step. */
inline mailbox_post(i, is_loop)
{
    atomic {
        CHECK_LIVE(i);
        was_posted = X(i).is_posted;
        X(i).is_posted = true
    };
    if
    :: !was_posted ->
        atomic {
            CHECK_LIVE(i);
            CHECK_LOOP();
            X(i).refs++;
            seen = mail;
            X(i).next_mail = seen;
            mail = i
        };
        if
        :: seen == NONE && !is_loop -> atomic { CHECK_LOOP(); wake_fd = true }
        :: else
        fi
    :: else
    fi;
    d_step { seen = 0; was_posted = false }
}

/* --- the answer ----------------------------------------------------------------------------- */

inline unlock_and_tell(i, is_loop)
{
#ifdef BUG_POSTS_WITHOUT_THE_LOCK
    atomic { needs_post = !X(i).is_in_handler; X(i).is_locked = false };
    if
    :: needs_post -> mailbox_post(i, is_loop)
    :: else
    fi
#else
    if
    :: !X(i).is_in_handler -> mailbox_post(i, is_loop)
    :: else
    fi;
    unlock(i)
#endif
}

/* Needs the local is_live. lock_live, a change of the answer, unlock_and_tell. */
inline change_answer(i, what, is_loop)
{
    atomic {
        lock(i);
        is_live = !(X(i).is_over || X(i).answer == ENDED || X(i).answer == BROKEN);
        if
        :: !is_live -> X(i).is_locked = false
        :: else ->
            if
            :: what == RESPOND && X(i).answer == PARKED -> X(i).answer = ENDED
            :: what == BEGIN && X(i).answer == PARKED -> X(i).answer = BEGUN
            :: what == END && X(i).answer == BEGUN -> X(i).answer = ENDED
            :: what == END && X(i).answer == PARKED -> X(i).answer = BROKEN
            :: what == ORPHANED && X(i).answer == PARKED -> X(i).answer = ENDED
            :: what == ORPHANED && X(i).answer == BEGUN -> X(i).answer = BROKEN
            :: else
            fi
        fi
    };
    if
    :: is_live ->
        is_live = false;
        unlock_and_tell(i, is_loop)
    :: else
    fi
}

/* Needs the local n_users. */
inline exchange_ref(i)
{
    atomic { CHECK_LIVE(i); n_users = X(i).users; X(i).users++ };
    if
    :: n_users == 0 -> atomic { CHECK_LIVE(i); X(i).refs++ }
    :: else
    fi
}

inline exchange_unref(i, is_loop)
{
    atomic { CHECK_LIVE(i); assert(X(i).users > 0); X(i).users--; n_users = X(i).users };
    if
    :: n_users == 0 ->
        change_answer(i, ORPHANED, is_loop);
        release(i)
    :: else
    fi
}

/* --- the loop ------------------------------------------------------------------------------- */

inline exchange_over(i, is_complete)
{
    atomic { !X(i).is_locked -> CHECK_LIVE(i); X(i).is_over = true };
    atomic {
        X(i).n_done++;
        assert(X(i).n_done == 1 && X(i).n_scope_ends == 0);
        if
        :: is_complete -> n_completed++
        :: else -> n_cancelled++
        fi
    };
    if
    :: i == 0 && IS_LATE && !is_late_given -> /* on_done keeps it */
        exchange_ref(i);
        is_late_given = true
    :: true
    fi;
    atomic {
        X(i).n_scope_ends++;
        assert(X(i).n_scope_ends == 1);
        X(i).has_connection = false
    };
    release(i) /* http_exchange_give_back */
}

/* http_output_pump: everything goes to the kernel, or the connection proves lost. */
inline pump(i)
{
    atomic { !X(i).is_locked -> CHECK_LIVE(i); answer = X(i).answer };
    if
    :: answer == BROKEN -> exchange_over(i, false)
    :: answer == ENDED ->
        if
        :: exchange_over(i, true)
        :: i == 0 -> exchange_over(i, false)
        fi
    :: answer == BEGUN && X(i).has_on_sent && !X(i).is_on_sent_over ->
        X(i).is_on_sent_over = true;
        change_answer(i, END, true)
    :: else
    fi;
    answer = PARKED
}

inline dispatch(i)
{
    atomic {
        n_parked++;
        X(i).has_connection = true;
        X(i).is_in_handler = true;
        X(i).users = 1;
        X(i).refs = 2;
        X(i).answer = PARKED
    };
    if /* the handler */
    :: exchange_ref(i);
       X(i).is_given = true
    :: i == 0 -> change_answer(i, RESPOND, true)
    :: i == 0
    fi;
    exchange_unref(i, true);
    assert(!X(i).is_freed);
    atomic { !X(i).is_locked -> CHECK_LIVE(i); X(i).is_in_handler = false };
    pump(i)
}

inline mailbox_run()
{
    atomic { /* take_all: all of the stack, the oldest first */
        queue = NONE;
        seen = mail;
        mail = NONE;
        do
        :: seen != NONE ->
            CHECK_LIVE(seen);
            next = X(seen).next_mail;
            X(seen).next_mail = queue;
            queue = seen;
            seen = next
        :: else -> break
        od;
        seen = 0
    };
    do
    :: queue != NONE ->
        atomic { CHECK_LIVE(queue); current = queue; next = X(queue).next_mail };
#ifndef BUG_ALLOWS_POSTS_TOO_LATE
        X(current).is_posted = false;
#endif
        if
        :: X(current).has_connection -> pump(current)
        :: else
        fi;
#ifdef BUG_ALLOWS_POSTS_TOO_LATE
        X(current).is_posted = false;
#endif
        release(current);
        d_step { queue = next; next = NONE; current = 0 }
    :: else -> break
    od
}

inline on_event(i)
{
    if
    :: atomic { X(i).is_request_there -> X(i).is_request_there = false };
       dispatch(i)
    :: atomic { !X(i).is_request_there && X(i).has_client_left -> X(i).has_client_left = false };
       if
       :: X(i).has_connection -> exchange_over(i, false)
       :: else
       fi
    :: else
    fi
}

#define HAS_EVENT (wake_fd || X(0).is_request_there || X(1).is_request_there || \
                   X(0).has_client_left || X(1).has_client_left)

active proctype loop()
{
    byte seen, queue, next, current, n_users;
    bool was_posted, needs_post, is_live, must_sleep;
    mtype answer;

    do
    :: is_stopping -> break
    :: else ->
#ifdef BUG_SLEEPS_WITHOUT_LOOKING
        must_sleep = true;
#else
        must_sleep = mail == NONE; /* wait_ms */
#endif
        if
        :: must_sleep -> HAS_EVENT /* epoll_wait */
        :: else
        fi;
        must_sleep = false;
        wake_fd = false; /* on_wake */
        on_event(0);
        on_event(1);
        mailbox_run()
    od;
    /* close_all */
    if
    :: X(0).has_connection -> exchange_over(0, false)
    :: else
    fi;
    if
    :: X(1).has_connection -> exchange_over(1, false)
    :: else
    fi;
    mailbox_run();
    assert(mail == NONE);
    is_loop_over = true
}

/* --- the others ----------------------------------------------------------------------------- */

proctype worker(byte me)
{
    byte seen, n_users;
    bool was_posted, needs_post, is_live;

    if
    :: X(me).is_given ->
        if
        :: change_answer(me, RESPOND, false)
        :: me == 0 && IS_STREAM ->
           change_answer(me, BEGIN, false);
           if
           :: change_answer(me, END, false)
           :: true
           fi
        :: me == 0 && IS_STREAM ->
            X(me).has_on_sent = true;
            change_answer(me, BEGIN, false);
            X(me).is_on_sent_over || X(me).is_over
        :: me == 0
        fi;
        exchange_unref(me, false)
    :: is_loop_over && !X(me).is_given
    fi;
    n_finished++
}

active proctype late_user()
{
    byte seen, n_users;
    bool was_posted, needs_post, is_live;

    if
    :: is_late_given ->
        exchange_unref(0, false)
    :: is_loop_over && !is_late_given
    fi;
    n_finished++
}

proctype client(byte me)
{
    if
    :: !IS_STREAM && !IS_LATE -> X(me).has_client_left = true
    :: true
    fi;
    n_finished++
}

/* http_server_stop, and what must hold in the end. */
init
{
    byte i;
    bool is_patient;

    atomic {
        for (i : 0 .. N - 1) {
            X(i).is_request_there = i < N_REQUESTS;
            X(i).next_mail = NONE;
            X(i).answer = PARKED;
            run worker(i)
        };
        run client(0);
        if
        :: is_patient = true
        :: is_patient = false
        fi
    };
    if
    :: is_patient -> n_completed + n_cancelled == N_REQUESTS
    :: else
    fi;
    is_stopping = true;
    wake_fd = true; /* http_loop_join */
    is_loop_over;
    is_loop_freed = true;
    n_finished == N + 2;
    atomic {
        assert(n_completed + n_cancelled == n_parked);
        for (i : 0 .. N - 1) {
            assert(X(i).n_done == X(i).n_scope_ends);
            assert((X(i).n_done == 0 && X(i).refs == 0) ||
                   (X(i).n_done == 1 && X(i).is_freed && X(i).users == 0))
        }
    }
}
