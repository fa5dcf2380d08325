#include "audit/lab/lab_retry.h"

#include "audit/lab/lab.h"
#include "base/clock.h"

void lab_retry_init(struct lab_retry *retry, uint64_t seed)
{
    *retry = (struct lab_retry){.random = seed | 1};
}

struct lab_verdict lab_retry_judge_status(int status_code, uint64_t retry_after_ns)
{
    bool may_repeat =
        status_code == 429 || status_code == 502 || status_code == 503 || status_code == 504;
    return (struct lab_verdict){.may_repeat = may_repeat, .pause_min_ns = retry_after_ns};
}

/* xorshift64: it has to differ, not to be secret. */
static uint64_t next_random(struct lab_retry *retry)
{
    retry->random ^= retry->random << 13;
    retry->random ^= retry->random >> 7;
    retry->random ^= retry->random << 17;
    return retry->random;
}

bool lab_retry_next(struct lab_retry *retry, const struct lab_verdict *verdict,
    uint64_t remaining_ns, uint64_t *ret_pause_ns)
{
    if (!verdict->may_repeat || retry->n_repeats >= LAB_REPEATS_MAX) {
        return false;
    }
    uint64_t half_ns = CLOCK_MS(LAB_PAUSE_MS) / 2 << retry->n_repeats;
    uint64_t pause_ns = half_ns + next_random(retry) % (half_ns + 1);
    pause_ns = pause_ns < verdict->pause_min_ns ? verdict->pause_min_ns : pause_ns;
    if (pause_ns >= remaining_ns) {
        return false;
    }
    retry->n_repeats++;
    *ret_pause_ns = pause_ns;
    return true;
}
