/* A call of the server against CANCEL, its deadline, the worker who takes it, being taken back, the
 * handler's return, a deferred finish, the loss of the connection, and the server's stop.
 *
 * Proves, for one call:
 *   - it ends once: one END, and the call and its scopes are released once;
 *   - NOT_STARTED is told exactly when the handler has never run, and a handler whose context is
 *     done before a worker takes the call does not run;
 *   - nobody touches the call, its scopes, the connection or the server after they are gone;
 *   - rpc_server_stop returns, also when no worker ever becomes free: a handler that waits for
 *     nothing but its context is told to stop, however late its call came in, a queued call is taken
 *     back, and nobody waits for anybody in a circle.
 *
 * Threads: the I/O thread, which reads CALL, then CANCEL or CREDIT; a worker; the one that finishes a
 * deferred call; the timer; the one that runs the context's callback; the reaper of the
 * connection; the one that stops the server.
 *
 * Variants: VARIANT_PLAIN has a handler that returns with its status, VARIANT_DEFERS one that defers.
 *
 * Abstracts: begin, dispatch, server_call_batch_end, start, run_handler, context_is_done
 * (common/rpc/server_call.c); settle_context, conclude, end_started, server_call_end_unstarted,
 * server_call_part (server_end.c); server_connection_add, _remove, _cancel_all, cancel_locked, find
 * (server_connection.c); server_reap_main (server_accept.c); stop_connections (server.c);
 * worker_pool_submit, _take_back (worker_pool.c); server_stream_credit, _give_up (stream_out.c).
 * What ctx_stop_wait promises is taken from ctx_after.pml.
 *
 * Leaves out: further calls and connections, INLINE methods, stock clients, the pump's chunks, the
 * watch for deaf handlers, refusals before a call exists but for draining, the lack of memory, weak
 * memory. A critical section that takes no other lock is one step. */

mtype = { FRESH, QUEUED, RUNNING, TAKEN_BACK, REFUSED };
mtype = { WAITING, DUE, IN_FUNCTION, OVER };

/* The call. */
mtype job = FRESH;
byte references = 1;
bool is_freed;
bool is_scope_ended;
bool is_done;        /* its context is */
bool is_in_table;
bool is_deferred;
bool has_returned;
bool is_finished;
bool is_pump_given_up;

/* Its after_func. */
mtype after = OVER;
byte after_runner;
bool is_after_given_back;

/* The connection and the server. */
byte peer_references = 1; /* the server's list's */
bool is_peer_freed;
bool is_gone;    /* cancel_all was here: calls still to come are cancelled as they are added */
bool is_closed;
bool is_reaped;
bool is_io_over; /* no callback runs any more */
byte n_calls;
bool is_draining;
bool is_server_freed;

/* What the checks need to know. */
byte n_ends;
byte n_runs;
bool is_begun;
bool is_told_not_started;
bool is_finisher_due;
byte n_over;

#define CHECK_CALL() assert(!is_freed)
#define CHECK_SCOPE() assert(!is_freed && !is_scope_ended)
#define CHECK_PEER() assert(!is_peer_freed)
#define CHECK_SERVER() assert(!is_server_freed)

/* --- references ----------------------------------------------------------------------------- */

inline peer_unref()
{
    atomic {
        CHECK_PEER();
        assert(peer_references > 0);
        peer_references--;
        is_peer_freed = peer_references == 0
    }
}

inline call_unref()
{
    atomic {
        CHECK_CALL();
        assert(references > 0);
        references--;
        if
        :: references == 0 ->
            assert(is_scope_ended && !is_in_table && after == OVER);
            is_freed = true;
            peer_unref()
        :: else
        fi
    }
}

/* ctx_cancel: the callback is due on whichever thread runs such things. */
inline cancel()
{
    CHECK_SCOPE();
    is_done = true;
    if
    :: after == WAITING -> after = DUE
    :: else
    fi
}

/* --- the end -------------------------------------------------------------------------------- */

/* ctx_stop_wait: it has not run and never will; or it runs here; or wait until it has run. */
inline settle_context()
{
    atomic {
        CHECK_SCOPE();
        if
        :: after == WAITING || after == DUE -> after = OVER
        :: else
        fi
    };
#ifndef BUG_STOPS_WITHOUT_WAITING
    (after != IN_FUNCTION || after_runner == _pid)
#endif
}

inline conclude()
{
#ifndef BUG_SCOPES_END_BEFORE_THE_TABLE
    atomic { /* server_connection_remove */
        CHECK_CALL();
        CHECK_PEER();
        assert(is_in_table);
        is_in_table = false
    };
#endif
    atomic { /* send_result */
        CHECK_CALL();
        CHECK_PEER();
        n_ends++;
        assert(n_ends == 1)
    };
    atomic {
        CHECK_CALL();
        assert(!is_scope_ended);
        is_scope_ended = true;
        if /* given back: the callback's own end does not touch it */
        :: after == IN_FUNCTION -> after = OVER
        :: else
        fi
    };
#ifdef BUG_SCOPES_END_BEFORE_THE_TABLE
    atomic { is_in_table = false };
#endif
    call_unref();
    atomic { /* server_calls_remove */
        CHECK_SERVER();
        n_calls--
    }
}

inline end_unstarted()
{
    settle_context();
    assert(n_runs == 0);
    is_told_not_started = true;
    conclude()
}

inline end_started()
{
    settle_context();
    assert(n_runs == 1);
    conclude()
}

/* Needs the local is_over. */
inline returned()
{
    atomic {
        CHECK_CALL();
        has_returned = true;
        is_finished = is_finished || !is_deferred;
        is_over = is_finished
    };
    if
    :: is_over -> end_started()
    :: else
    fi
}

inline finished()
{
    atomic {
        CHECK_CALL();
        is_finished = true;
#ifdef BUG_FINISH_ENDS_A_RUNNING_CALL
        is_over = true
#else
        is_over = has_returned
#endif
    };
    if
    :: is_over -> end_started()
    :: else
    fi
}

/* --- the I/O thread ------------------------------------------------------------------------- */

inline submit()
{
    atomic {
        CHECK_CALL();
        if
        :: job == FRESH -> job = QUEUED
        :: job == FRESH -> job = REFUSED /* the queue is full */
        :: job == TAKEN_BACK
        fi;
        was_refused = job != QUEUED
    };
    if
    :: was_refused -> end_unstarted()
    :: else
    fi
}

inline begin()
{
    atomic { CHECK_SERVER(); n_calls++; was_draining = is_draining };
    if
    :: was_draining -> /* refused; it becomes no call */
        atomic { CHECK_SERVER(); n_calls-- }
    :: else ->
        atomic { CHECK_PEER(); peer_references++; is_begun = true };
        atomic { /* server_connection_add */
            is_in_table = true;
#ifndef BUG_LATE_CALLS_ARE_NOT_CANCELLED
            if
            :: is_gone -> cancel()
            :: else
            fi
#endif
        };
        atomic { /* ctx_after_func */
            CHECK_SCOPE();
            after = (is_done -> DUE : WAITING)
        };
        submit()
    fi
}

inline take_cancel()
{
    atomic {
        CHECK_PEER();
        if
        :: is_in_table -> cancel()
        :: else
        fi
    }
}

/* The call is found with a reference, and resumed, without the table's lock. */
inline take_credit()
{
    atomic {
        CHECK_PEER();
        was_found = is_in_table;
#ifndef BUG_FINDS_WITHOUT_A_REFERENCE
        references = references + was_found
#endif
    };
    if
    :: was_found ->
        CHECK_CALL();
#ifndef BUG_FINDS_WITHOUT_A_REFERENCE
        call_unref()
#endif
    :: else
    fi
}

active proctype io()
{
    bool was_draining, was_refused, was_found, is_over;

    begin();
    if
    :: take_cancel()
    :: take_credit()
    :: true
    fi;
    is_io_over = true;
    n_over++
}

/* --- the others ----------------------------------------------------------------------------- */

inline run_handler()
{
    atomic { CHECK_SCOPE(); n_runs++; assert(n_runs == 1) };
    if
#ifdef VARIANT_DEFERS
    :: atomic { is_deferred = true; is_finisher_due = true }
#else
    :: is_done /* it waits for its context */
    :: true
#endif
    fi;
    returned()
}

active proctype worker()
{
    bool is_over, was_done;

    if
    :: atomic { job == QUEUED -> CHECK_CALL(); job = RUNNING };
       atomic { CHECK_SCOPE(); was_done = is_done };
       if
       :: was_done -> end_unstarted()
       :: else -> run_handler()
       fi
    :: true /* it is busy with something else, for ever */
    fi;
    n_over++
}

#ifdef VARIANT_DEFERS
/* From any thread, also before the handler has returned; it waits for the context, or does not. */
active proctype finisher()
{
    bool is_over;

    if
    :: is_finisher_due ->
       if
       :: is_done
       :: true
       fi;
       finished()
    :: is_server_freed
    fi;
    n_over++
}
#endif

/* context_is_done. */
active proctype callbacks()
{
    bool was_queued;

    if
    :: atomic { after == DUE -> CHECK_CALL(); after = IN_FUNCTION; after_runner = _pid };
       atomic { /* worker_pool_take_back */
           CHECK_CALL();
           was_queued = job == QUEUED;
           if
#ifndef BUG_LEAVES_FRESH_CALLS
           :: job == QUEUED || job == FRESH -> job = TAKEN_BACK
#else
           :: job == QUEUED -> job = TAKEN_BACK
#endif
           :: else
           fi
       };
       if
       :: was_queued -> end_unstarted() /* the last thing it does */
       :: else ->
           atomic { CHECK_CALL(); is_pump_given_up = true };
           atomic { CHECK_CALL(); after = OVER }
       fi
    :: is_server_freed
    fi;
    n_over++
}

active proctype timer()
{
    if
    :: atomic { is_begun && !is_scope_ended -> cancel() }
    :: true
    fi;
    n_over++
}

inline cancel_all()
{
    atomic {
        CHECK_PEER();
        is_gone = true;
        if
        :: is_in_table -> cancel()
        :: else
        fi
    }
}

/* The peer goes at any time, or stays until the server closes the connection; no callback runs once
 * it is reaped. */
active proctype reaper()
{
    if
    :: true -> is_io_over
    :: true -> is_closed && is_io_over
    fi;
    cancel_all();
    atomic { CHECK_SERVER(); is_reaped = true };
    peer_unref();
    n_over++
}

active proctype stopper()
{
    bool is_listed;

    atomic { is_draining = true };
    atomic { is_listed = !is_peer_freed && !is_reaped; peer_references = peer_references + is_listed };
    if
    :: is_listed -> cancel_all(); peer_unref()
    :: else
    fi;
    n_calls == 0;
    is_closed = true;
    is_reaped;
    is_server_freed = true;
    n_over++
}

#ifdef VARIANT_DEFERS
#define N_PROCESSES 7
#endif
#ifdef VARIANT_PLAIN
#define N_PROCESSES 6
#endif

active proctype judge()
{
    n_over == N_PROCESSES;
    assert(n_calls == 0);
    assert(!is_begun || (is_freed && n_ends == 1 && is_told_not_started == (n_runs == 0)));
    assert(is_peer_freed)
}
