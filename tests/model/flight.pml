/* A flight: joining against the last member's leaving against landing.
 *
 * Proves, for three callers with one key:
 *   - each is told exactly once, by the landing or by its own leaving, and answered exactly once; who
 *     leaves last is answered when the work has stopped (VARIANT_CALLS);
 *   - nobody joins a flight that has landed or whose context is done, so nobody waits in vain;
 *   - the context is done when the last member has gone;
 *   - a scope is not touched once it has ended, nor a member once it has been told, nor a flight
 *     once it has been freed, which happens exactly once;
 *   - nobody sleeps for ever: not who lands and waits for a member that is leaving.
 *
 * Threads: each caller, which computes and lands if it leads; each caller's context, which becomes
 * done at any time and runs the callback on a thread of its own.
 *
 * Abstracts: ctx_flight_join, extend_locked, take_off_locked, attach_locked, forget_locked,
 * member_is_done, ctx_flight_land (common/ctx/flight.c); ctx_after_func, ctx_stop, ctx_stop_wait
 * (after.c, which ctx_after.pml proves); with VARIANT_CALLS also leave, server_share_answer
 * (common/rpc/server_flight.c) and land (server_flight_work.c). VARIANT_ALONE is without them.
 *
 * Leaves out: the lack of memory, other keys, which deadline counts, results; weak memory (every
 * mutex and every atomic is taken as sequentially consistent). A critical section that takes no
 * other lock is one step. */

#define N 3
#define NONE 255

mtype = { FRESH, WAITING, RUNNING, RAN, STOPPED };

typedef flight_state {
    byte references;
    byte n_members;
    bool is_in_table;
    bool has_landed;
    bool is_done; /* its context */
    bool is_made;
    bool is_scope_ended;
    bool is_freed;

    /* A call's: under its own mutex. */
    bool is_over;
    byte last;
};

typedef member_state {
    byte flight;
    bool is_linked;
    mtype after; /* the registration */
    bool has_joined;

    /* What the checks need to know. */
    bool is_gone; /* its user has freed it */
    byte n_told;
    byte n_answered;
};

flight_state flights[N]; /* caller i's candidate is flights[i] */
member_state members[N];
byte table = NONE;
bool mutex;
byte n_finished;

#define CHECK_FLIGHT(f) assert(!flights[f].is_freed)
#define HAS_SCOPE(f) (flights[f].is_made && !flights[f].is_scope_ended)
#define CHECK_SCOPE(f) assert(!flights[f].is_freed && HAS_SCOPE(f))
#define CHECK_MEMBER(m) assert(!members[m].is_gone)

/* Inside a step. */
inline unref(f)
{
    CHECK_FLIGHT(f);
    assert(flights[f].references > 0);
    flights[f].references--;
    if
    :: flights[f].references == 0 ->
        assert(!flights[f].is_made || (flights[f].has_landed && flights[f].is_scope_ended));
        assert(!flights[f].is_in_table && flights[f].n_members == 0);
        flights[f].is_freed = true;
        flights[f].is_made = false; /* only so that there are fewer states */
        flights[f].has_landed = false;
        flights[f].is_done = false;
        flights[f].is_scope_ended = false;
        flights[f].is_over = false;
        flights[f].last = NONE
    :: else
    fi
}

inline forget_locked(f)
{
    CHECK_FLIGHT(f);
    if
    :: flights[f].is_in_table ->
        assert(table == f);
        table = NONE;
        flights[f].is_in_table = false
    :: else
    fi
}

/* The caller has its END. */
inline answer(m)
{
    members[m].n_answered++;
    assert(members[m].n_answered == 1);
    members[m].is_gone = true
}

/* --- joining -------------------------------------------------------------------------------- */

/* Needs the locals joined, is_leader. Its whole critical section is one step: what it calls inside
 * takes locks that are leaves. */
inline join(me)
{
    atomic {
        !mutex ->
        members[me].after = WAITING;
        joined = table;
        if
        :: joined != NONE ->
            CHECK_SCOPE(joined); /* its deadline is moved */
            if
#ifndef BUG_JOINS_WHAT_IS_DONE
            :: flights[joined].is_done ->
                forget_locked(joined);
                joined = NONE
#endif
            :: else
            fi
        :: else
        fi;
        is_leader = joined == NONE;
        if
        :: is_leader ->
            joined = me;
            flights[me].is_made = true;
            flights[me].is_in_table = true;
            table = me;
#ifndef BUG_LANDS_WITHOUT_A_REFERENCE
            flights[me].references++
#endif
        :: else -> flights[joined].references++ /* the ticket's; a leader's is the candidate's */
        fi;
        assert(!flights[joined].has_landed && !flights[joined].is_done);
        members[me].flight = joined;
        members[me].is_linked = true;
        members[me].has_joined = true;
        flights[joined].n_members++;
        flights[joined].references++;
        if
        :: !is_leader -> unref(me) /* the candidate */
        :: else
        fi
    }
}

/* --- leaving -------------------------------------------------------------------------------- */

inline cancel(f)
{
    atomic { CHECK_SCOPE(f); flights[f].is_done = true }
}

/* on_end, without a lock. Needs the locals from, is_last. */
inline be_told_of_leaving(me)
{
    atomic {
        CHECK_MEMBER(me);
        CHECK_FLIGHT(from);
        members[me].n_told++;
        assert(members[me].n_told == 1);
        if
#ifdef VARIANT_CALLS
        :: is_last && !flights[from].is_over -> flights[from].last = me /* under its own mutex */
#endif
        :: else -> answer(me)
        fi;
        unref(from)
    }
}

/* member_is_done. Needs the locals from, has_left, is_last. */
inline member_is_done(me)
{
    atomic {
        !mutex ->
        CHECK_MEMBER(me);
        from = members[me].flight;
        CHECK_FLIGHT(from);
        if
#ifdef BUG_LEAVES_WHAT_HAS_LANDED
        :: members[me].is_linked ->
#else
        :: members[me].is_linked && !flights[from].has_landed ->
#endif
            members[me].is_linked = false;
            flights[from].n_members--;
            has_left = true;
            is_last = flights[from].n_members == 0;
            if
            :: is_last ->
                forget_locked(from);
#ifndef BUG_CANCELS_WITHOUT_THE_LOCK
                CHECK_SCOPE(from);
                flights[from].is_done = true
#endif
            :: else
            fi
        :: else
        fi
    };
#ifdef BUG_CANCELS_WITHOUT_THE_LOCK
    if
    :: is_last -> cancel(from)
    :: else
    fi;
#endif
    if
    :: has_left -> be_told_of_leaving(me)
    :: else
    fi
}

/* --- landing -------------------------------------------------------------------------------- */

#define IS_MEMBER_OF(m, f) (members[m].is_linked && members[m].flight == f)

/* Needs the locals other, last. */
inline land(me)
{
#ifdef VARIANT_CALLS
    atomic { /* under the flight's own mutex */
        flights[me].is_over = true;
        last = flights[me].last
    };
#endif
    atomic {
        !mutex ->
        CHECK_FLIGHT(me);
        assert(!flights[me].has_landed);
        assert(flights[me].n_members > 0 || flights[me].is_done);
        forget_locked(me);
        flights[me].has_landed = true;
#ifdef BUG_WAITS_UNDER_THE_LOCK
        mutex = true
#endif
    };
    do
    :: atomic {
            IS_MEMBER_OF(0, me) || IS_MEMBER_OF(1, me) || IS_MEMBER_OF(2, me) ->
            if
            :: IS_MEMBER_OF(0, me) -> other = 0
            :: else ->
                if
                :: IS_MEMBER_OF(1, me) -> other = 1
                :: else -> other = 2
                fi
            fi;
            CHECK_MEMBER(other);
            if
            :: members[other].after == WAITING ->
                members[other].after = STOPPED /* ctx_stop_wait has won */
            :: else
            fi
       };
       atomic {
#ifndef BUG_DOES_NOT_WAIT
            members[other].after == STOPPED || members[other].after == RAN;
#endif
            CHECK_MEMBER(other);
            members[other].is_linked = false; /* the list is walked once */
            flights[me].n_members--;
            members[other].n_told++;
            assert(members[other].n_told == 1);
            answer(other);
            unref(me)
       }
    :: atomic {
            !(IS_MEMBER_OF(0, me) || IS_MEMBER_OF(1, me) || IS_MEMBER_OF(2, me)) ->
            other = 0;
            break
       }
    od;
#ifdef BUG_WAITS_UNDER_THE_LOCK
    mutex = false;
#endif
    atomic {
        CHECK_SCOPE(me);
        flights[me].is_scope_ended = true;
#ifdef VARIANT_CALLS
        if
        :: last != NONE -> answer(last)
        :: else
        fi;
        last = NONE;
#endif
#ifndef BUG_LANDS_WITHOUT_A_REFERENCE
        unref(me)
#endif
    }
}

/* --- the threads ---------------------------------------------------------------------------- */

proctype caller(byte me)
{
    byte joined = NONE, other = 0, last = NONE;
    bool is_leader;

    /* Callers differ by nothing but their number: let them come in its order. */
    me == 0 || members[me - 1].has_joined;
    join(me);
    atomic {
        unref(joined); /* the computation needs no ticket */
        joined = NONE  /* only so that there are fewer states */
    };
    if
    :: is_leader ->
        if
        :: cancel(me) /* its own deadline */
        :: flights[me].is_done /* all have left */
        :: true /* it is finished */
        fi;
        land(me)
    :: else
    fi;
    atomic { is_leader = false; other = 0; n_finished++ }
}

/* The member's context is done; or it is told before. */
proctype context(byte me)
{
    byte from = NONE;
    bool has_left, is_last;

end_told:
    atomic { members[me].after == WAITING -> members[me].after = RUNNING };
    member_is_done(me);
    atomic {
        members[me].after = RAN;
        from = NONE; /* only so that there are fewer states */
        has_left = false;
        is_last = false
    }
}

#define IS_OVER(m) (members[m].after == RAN || members[m].after == STOPPED)

init
{
    byte i;

    atomic {
        for (i : 0 .. N - 1) {
            flights[i].references = 1;
            flights[i].last = NONE;
            members[i].flight = NONE;
            members[i].after = FRESH;
            run caller(i);
            run context(i)
        }
    };
    n_finished == N && IS_OVER(0) && IS_OVER(1) && IS_OVER(2);
    atomic {
        assert(table == NONE && !mutex);
        for (i : 0 .. N - 1) {
            assert(members[i].has_joined && members[i].n_told == 1);
            assert(members[i].n_answered == 1 && members[i].is_gone);
            assert(flights[i].is_freed && flights[i].references == 0)
        }
    }
}
