/* One client call: started once, ended once, by whoever comes first.
 *
 * Proves, for one call over one connection:
 *   - on_end runs exactly once when rpc_call_start said OK, and never when it did not; it runs
 *     beside no other callback, and nothing runs after it;
 *   - the call is freed exactly once, and neither it nor its context, its connection or the channel
 *     is touched after its end;
 *   - what was put into the table leaves it exactly once; the channel's count of calls returns to
 *     0, so that rpc_channel_free returns: every started call ends;
 *   - a call that its context ends is cancelled on the connection that it is on at that moment, also
 *     when it moves to another link at the same time.
 *
 * Threads: the starter; the notifier (the context becomes done at any time: CANCEL); the I/O thread,
 * with HELLO and any frames of any server (PROGRESS or CHUNK, REPLY, END, GOAWAY; unasked, twice,
 * before the CALL was sent); somebody who loses the connection; the link's thread, which ends the
 * calls; the timer thread, for a call that could not be sent, or that pauses between two attempts; a
 * second link, which answers, fails or loses the second attempt; rpc_channel_free.
 *
 * Abstracts: client_call_start, call_new, abandon_locked, context_is_done, client_call_enter,
 * client_call_leave, client_call_deliver_end, drop_references (common/rpc/client_call.c);
 * client_call_send_locked (client_call_send.c); rpc_connection_cancel (connection_cancel.c);
 * client_call_fail_soon_locked, end_unsent, client_call_attempt_over, goes_on_locked, pause_locked,
 * pause_over (client_call_retry.c); channel_place_call, channel_find_call, channel_take_next_call
 * (channel_table.c); channel_count_call, channel_call_over, rpc_channel_free (channel.c); take_reply,
 * take_end, take_chunk, take_progress, take_goaway, on_ready, on_closed (channel_frames.c);
 * use_connection, forget_connection, end_calls (channel_link.c); rpc_connection_close,
 * rpc_connection_send, rpc_connection_reap (connection.c). ctx_after_func and ctx_stop are what
 * ctx_after.pml proves of them.
 *
 * Variants (VARIANT_STREAM_LOSS, VARIANT_STREAM_CANCEL, VARIANT_UNARY_LOSS, VARIANT_UNARY_CANCEL):
 * unary or stream, with a CANCEL (which may itself lose the connection, as GOAWAY may) and one
 * frame, or with a loss at any time and two frames; one attempt. VARIANT_RETRY_LOSS and
 * VARIANT_RETRY_CANCEL: a unary call that could be started, one END, and a second attempt if the
 * first one fails.
 *
 * Leaves out: credit, the reuse of slots (ids carry a generation), redialling, the choice between
 * links and the budget (either may be what it is), health checks; weak memory (every
 * mutex and every atomic is taken as sequentially consistent). A critical section of the channel
 * or the connection takes no other lock, and is one step. */

#if defined(VARIANT_RETRY_CANCEL) || defined(VARIANT_RETRY_LOSS)
#define HAS_RETRY
#define N_ENDERS 7
#else
#define N_ENDERS 6
#endif
#if defined(VARIANT_RETRY_CANCEL)
#define HAS_LOSS false
#define HAS_CANCEL true
#define N_FRAMES 1
#elif defined(VARIANT_RETRY_LOSS)
#define HAS_LOSS true
#define HAS_CANCEL false
#define N_FRAMES 1
#elif defined(VARIANT_UNARY_CANCEL) || defined(VARIANT_STREAM_CANCEL)
#define HAS_LOSS false
#define HAS_CANCEL true
#define N_FRAMES 1
#else
#define HAS_LOSS true
#define HAS_CANCEL false
#define N_FRAMES 2
#endif
#if defined(VARIANT_UNARY_CANCEL) || defined(VARIANT_UNARY_LOSS) || defined(HAS_RETRY)
#define IS_UNARY true
#else
#define IS_UNARY false
#endif

mtype = { NO_AFTER, LISTENING, RUNNING, RAN, STOPPED };     /* the context's registration */
mtype = { NO_TIMER, ARMED, FIRED };
mtype = { PUT, NOT_CONNECTED, FULL };                       /* channel_add_call */

/* The call. */
byte references = 1;
bool is_freed;
bool call_lock;
bool is_unary;
bool is_ended;
bool is_busy;
bool has_connection;
bool is_on_second; /* the connection is the second link's */
bool has_retried;
bool is_timer_started;
mtype timer_state = NO_TIMER;

/* Its context: the caller's scope, the call's reference, the registration's. */
byte ctx_references = 1;
bool is_ctx_done;
mtype after = NO_AFTER;
bool is_after_given_back;

/* The connection. */
byte connection_references = 1; /* the channel's thread's */
bool is_connection_closed;
bool is_reaped;
bool is_io_busy;
byte second_references = 1; /* the second link's connection: its thread's */

/* The channel. */
bool is_ready;
bool is_closed;
bool is_going_away;
bool is_stopping;
bool is_in_table;
bool is_in_second_table;
byte n_calls;
bool is_thread_over;
#ifdef HAS_RETRY
bool is_second_over;
#else
#define is_second_over true
#endif
bool is_freer_asleep;
bool is_channel_freed;

/* What the checks need to know. */
bool is_start_over;
bool is_started;
bool is_in_callback;
byte n_ends;
byte n_puts;
byte n_takes;
byte n_finished;

#define CHECK_CALL() assert(!is_freed)
#define CHECK_CHANNEL() assert(!is_channel_freed)

inline lock_call()
{
    atomic { !call_lock -> CHECK_CALL(); call_lock = true }
}

inline connection_unref()
{
    if
    :: has_connection && is_on_second -> assert(second_references > 0); second_references--
    :: has_connection && !is_on_second -> assert(connection_references > 0); connection_references--
    :: else
    fi;
    has_connection = false
}

inline drop_references(n)
{
    atomic {
        CHECK_CALL();
        assert(references >= n);
        references = references - n;
        if
        :: references == 0 ->
            assert(!call_lock);
            is_freed = true;
            connection_unref()
        :: else
        fi
    }
}

/* --- the context and the connection, as the call sees them ----------------------------------- */

inline ctx_unref()
{
    assert(ctx_references > 0);
    ctx_references--
}

/* Needs the local has_won. */
inline ctx_stop()
{
    atomic {
        CHECK_CALL();
        assert(!is_after_given_back);
        has_won = after == LISTENING;
        is_after_given_back = true;
        if
        :: has_won -> after = STOPPED; ctx_unref()
        :: after == RAN -> ctx_unref()
        :: else
        fi
    }
}

/* Needs the local is_first. */
inline connection_close()
{
    atomic { is_first = !is_connection_closed; is_connection_closed = true };
    if
    :: is_first -> atomic { CHECK_CHANNEL(); is_closed = true; is_ready = false } /* on_closed */
    :: else
    fi;
    is_first = false
}

inline connection_send()
{
    atomic {
        CHECK_CALL();
        assert(has_connection && (is_on_second || connection_references > 0));
        assert(!is_on_second || second_references > 0)
    };
    if
    :: is_on_second
    :: is_connection_closed
    :: !is_on_second && !is_connection_closed
    :: !is_on_second && !is_connection_closed -> connection_close() /* the queue is overfull */
    fi
}

/* --- the call's end ------------------------------------------------------------------------- */

inline on_end()
{
    atomic {
        assert(!is_in_callback);
        n_ends++;
        assert(n_ends == 1);
        is_in_callback = true
    };
    atomic { is_ctx_done = true; ctx_unref(); is_in_callback = false } /* it ends its scope */
}

inline deliver_end()
{
    atomic {
        ctx_stop();
        if
        :: has_won -> drop_references(1)
        :: else
        fi
    };
    atomic { CHECK_CALL(); ctx_unref(); has_won = false }; /* before on_end, where the scope ends */
    on_end();
    atomic {
        CHECK_CALL();
        if
        :: is_timer_started && timer_state == ARMED -> /* ctx_timer_stop */
            timer_state = NO_TIMER;
            drop_references(1)
        :: else
        fi
    };
    atomic { /* channel_call_over */
        CHECK_CHANNEL();
        assert(n_calls > 0);
        n_calls--;
        if
        :: n_calls == 0 && is_stopping -> is_freer_asleep = false
        :: else
        fi
    };
    drop_references(1)
}

/* Put the call into the second link's table, if that link is ready, and send it. Needs the local
 * is_placed. */
inline try_again()
{
    atomic {
        CHECK_CHANNEL();
        CHECK_CALL();
        if
        :: !is_stopping ->
            is_placed = true;
            is_in_second_table = true;
            n_puts++;
            has_connection = true;
            is_on_second = true;
            second_references++;
            references++ /* the table's */
        :: true
        fi
    }
}

/* The call is in no table any more; whoever asks has a reference. Needs the locals is_ours,
 * was_ended, is_placed. */
inline client_call_attempt_over()
{
    atomic { lock_call(); was_ended = is_ended; assert(was_ended || !is_busy) };
#ifdef HAS_RETRY
    if
    :: !was_ended && !has_retried && !is_ctx_done -> /* retry_judge says yes */
        atomic { CHECK_CALL(); has_retried = true; connection_unref() };
        try_again();
        if
        :: !is_placed -> /* pause_locked */
            atomic {
                CHECK_CALL();
                references++;
                is_timer_started = true;
                timer_state = ARMED;
                is_placed = true
            }
        :: true
        fi
    :: true /* it says no, or the budget is spent */
    fi;
#endif
    atomic {
        CHECK_CALL();
        is_ours = !was_ended && !is_placed;
        is_ended = is_ended || is_ours;
        is_placed = false;
        call_lock = false
    };
    if
    :: is_ours -> deliver_end()
    :: else
    fi;
    d_step { is_ours = false; was_ended = false }
}

/* Needs the local may_enter. */
inline client_call_enter()
{
    atomic {
        !call_lock ->
        CHECK_CALL();
        may_enter = !is_ended;
        is_busy = may_enter
    }
}

inline client_call_leave(is_end)
{
    atomic {
        !call_lock ->
        CHECK_CALL();
        is_busy = false;
        is_ended = is_ended || is_end;
        may_enter = is_ended
    };
    if
    :: may_enter -> deliver_end()
    :: else
    fi;
    may_enter = false
}

inline callback()
{
    atomic { CHECK_CALL(); assert(!is_in_callback && n_ends == 0); is_in_callback = true };
    atomic { assert(n_ends == 0); is_in_callback = false }
}

/* --- the starter ---------------------------------------------------------------------------- */

inline abandon_locked()
{
    atomic { CHECK_CALL(); is_ended = true; call_lock = false };
    if
    :: after != NO_AFTER -> ctx_stop()
    :: else
    fi;
    atomic { CHECK_CALL(); ctx_unref() };
    if
    :: has_won -> drop_references(2)
    :: else -> drop_references(1)
    fi;
    atomic { has_won = false; is_ctx_done = true; ctx_unref() } /* the caller ends its scope */
}

inline channel_add_call()
{
    atomic {
        CHECK_CHANNEL();
        if
        :: !is_ready -> added = NOT_CONNECTED; n_calls++
#ifndef HAS_RETRY
        :: is_ready -> added = FULL
#endif
        :: is_ready ->
            added = PUT;
            is_in_table = true;
            n_puts++;
            has_connection = true;
            connection_references++;
            n_calls++
        fi
    }
}

active proctype starter()
{
    bool has_won, is_done, has_handle;
    mtype added = PUT;

    atomic {
        is_unary = IS_UNARY;
        ctx_references++ /* call_new */
    };
    atomic {
        lock_call();
        if /* ctx_after_func */
        :: after = LISTENING; ctx_references++; references++
#ifndef HAS_RETRY
        :: true
#endif
        fi
    };
    if
    :: after == NO_AFTER -> abandon_locked()
    :: else ->
        is_done = is_ctx_done;
        if
        :: is_done -> atomic { CHECK_CHANNEL(); n_calls++ } /* channel_count_call */
        :: else -> channel_add_call()
        fi;
#ifdef BUG_STARTS_WITHOUT_THE_LOCK
        call_lock = false;
#endif
        if
        :: added == FULL -> abandon_locked()
        :: else ->
            if
#ifndef HAS_RETRY
            :: atomic { CHECK_CALL(); references++; has_handle = true } /* ret_call */
#endif
            :: true
            fi;
            if
            :: added == NOT_CONNECTED -> /* fail_soon */
                atomic { CHECK_CALL(); references++; is_timer_started = true; timer_state = ARMED }
            :: added == PUT && !is_done ->
                atomic { CHECK_CALL(); references++ } /* the table's; a lost send is the network's */
            :: else
            fi;
            atomic { CHECK_CALL(); is_started = true; call_lock = false }
        fi
    fi;
    atomic { is_start_over = true; added = PUT; is_done = false };
    if
    :: has_handle -> drop_references(1)
    :: else
    fi;
    n_finished++
}

/* --- those who end it ----------------------------------------------------------------------- */

active proctype notifier()
{
    bool has_won, is_first, is_ours, was_ended, was_on_second;

    if
    :: atomic { after == LISTENING && is_ctx_done -> after = RUNNING };
       /* context_is_done */
#ifdef BUG_LOOKS_WITHOUT_THE_LOCK
       atomic { !call_lock -> CHECK_CALL(); was_on_second = is_on_second };
       lock_call();
#else
       atomic { lock_call(); was_on_second = is_on_second };
#endif
       was_ended = is_ended;
       if
       :: !was_ended ->
           /* ctx_cause; and CANCEL goes where the call is. */
           atomic {
               CHECK_CALL();
               assert(ctx_references > 0);
               assert(!has_connection || was_on_second == is_on_second);
               is_ended = true
           };
           if
           :: has_connection -> connection_send()
           :: else
           fi;
#ifdef BUG_ENDS_BESIDE_A_CALLBACK
           is_ours = true
#else
           is_ours = !is_busy
#endif
       :: else
       fi;
       atomic { CHECK_CALL(); call_lock = false };
       if
       :: is_ours -> deliver_end()
       :: else
       fi;
       drop_references(1);
       atomic {
           after = RAN;
           if
           :: is_after_given_back -> ctx_unref()
           :: else
           fi
       }
    :: after == STOPPED || (is_start_over && after == NO_AFTER)
    fi;
    d_step { is_ours = false; was_ended = false; was_on_second = false; n_finished++ }
}

active proctype timer()
{
    bool has_won, is_ours, is_placed;

    if
    :: atomic { timer_state == ARMED -> timer_state = FIRED };
       lock_call(); /* end_unsent; pause_over, when there was an attempt */
       if
       :: !is_ended && has_retried -> try_again()
       :: else
       fi;
       atomic {
           CHECK_CALL();
           is_ours = !is_ended && !is_placed;
           is_ended = is_ended || is_ours;
           call_lock = false
       };
       if
       :: is_ours -> deliver_end()
       :: else
       fi;
       drop_references(1)
    :: is_start_over && is_ended && timer_state == NO_TIMER
    fi;
    d_step { is_ours = false; is_placed = false; n_finished++ }
}

/* Needs the locals is_found, is_drained. */
inline channel_find_call(is_last)
{
    atomic {
        CHECK_CHANNEL();
        is_found = is_in_table;
        is_drained = false;
        if
        :: is_in_table && !(is_last) -> CHECK_CALL(); references++
        :: is_in_table && is_last ->
            CHECK_CALL();
            is_in_table = false;
            n_takes++;
            is_drained = is_going_away
        :: else
        fi
    };
    if
    :: is_drained -> connection_close()
    :: else
    fi
}

inline take_frame()
{
    if
#ifndef HAS_RETRY
    :: channel_find_call(is_unary); /* REPLY */
       if
       :: is_found ->
           client_call_enter();
           if
           :: may_enter -> callback(); client_call_leave(is_unary)
           :: else
           fi;
           drop_references(1)
       :: else
       fi
#endif
    :: channel_find_call(true); /* END */
       if
       :: is_found -> client_call_attempt_over(); drop_references(1)
       :: else
       fi
#ifndef HAS_RETRY
    :: channel_find_call(false); /* PROGRESS, CHUNK */
       if
       :: is_found ->
           client_call_enter();
           if
           :: may_enter -> callback(); client_call_leave(false)
           :: else
           fi;
           drop_references(1)
       :: else
       fi
    :: atomic { /* GOAWAY */
           CHECK_CHANNEL();
           is_going_away = true;
           is_ready = false;
           is_drained = !is_in_table
       };
       if
       :: is_drained -> connection_close()
       :: else
       fi
#endif
    fi;
    d_step { is_found = false; is_drained = false; may_enter = false }
}

active proctype io()
{
    bool has_won, is_first, is_found, is_drained, may_enter, is_ours, was_ended, is_placed;
    byte n_frames;

    if
    :: is_ready = !is_closed && !is_stopping /* HELLO: on_ready */
    :: true
    fi;
    do
    :: atomic {
           n_frames < N_FRAMES && !is_reaped ->
           n_frames++;
           is_io_busy = true
       };
       take_frame();
       is_io_busy = false
    :: is_reaped -> break
    od;
    atomic { n_frames = 0; n_finished++ }
}

active proctype network()
{
    if
    :: atomic {
           HAS_LOSS && !is_connection_closed -> /* rpc_connection_close */
           is_connection_closed = true;
           is_closed = true;
           is_ready = false
       }
    :: true
    fi;
    n_finished++
}

#ifdef HAS_RETRY
/* The second link: I/O and thread in one, since its frames come before its loss. */
active proctype second_link()
{
    bool has_won, may_enter, is_ours, was_ended, is_placed;

    do
    :: atomic {
           is_in_second_table ->
           CHECK_CALL();
           is_in_second_table = false;
           n_takes++
       };
       if
       :: client_call_enter(); /* REPLY */
          if
          :: may_enter -> callback(); client_call_leave(true)
          :: else
          fi
       :: client_call_attempt_over() /* END, or the loss */
       fi;
       drop_references(1)
    :: atomic { is_stopping && !is_in_second_table -> break }
    od;
    atomic {
        assert(second_references > 0);
        second_references--;
        is_second_over = true;
        n_finished++
    }
}
#endif

/* The link's thread, from a connection to its loss. */
active proctype link_main()
{
    bool has_won, is_first, is_ours, was_ended, is_placed;

    is_closed || is_stopping;
    connection_close();
    is_closed;
    atomic { !is_io_busy -> is_reaped = true };
    do /* end_calls */
    :: atomic {
           is_in_table ->
           CHECK_CALL();
           is_in_table = false;
           n_takes++
       };
       client_call_attempt_over();
       drop_references(1)
    :: !is_in_table -> break
    od;
    atomic { assert(connection_references > 0); connection_references-- };
    is_stopping;
    is_thread_over = true
}

/* Somebody cancels, or the deadline comes. */
active proctype canceller()
{
    if
    :: HAS_CANCEL -> is_ctx_done = true
    :: true
    fi;
    n_finished++
}

/* rpc_channel_free, once nobody starts calls any more; and what must hold in the end. */
init
{
    is_start_over;
    atomic { is_stopping = true; is_ready = false };
    is_thread_over && is_second_over;
    atomic {
        if
        :: n_calls > 0 -> is_freer_asleep = true
        :: else
        fi
    };
    !is_freer_asleep;
    atomic { CHECK_CHANNEL(); assert(n_calls == 0); is_channel_freed = true };
    n_finished == N_ENDERS;
    atomic {
        assert(n_ends == is_started);
        assert(is_freed && references == 0);
        assert(n_puts == n_takes && !is_in_table && !is_in_second_table);
        assert(ctx_references == 0 && connection_references == 0)
#ifdef HAS_RETRY
        ;
        assert(second_references == 0)
#endif
    }
}
