/* Which call is on which link: choosing one, and finding the call that a frame is for. */
#include "rpc/channel_internal.h"

static uint64_t next_random_locked(struct rpc_channel *channel)
{
    channel->random ^= channel->random << 13;
    channel->random ^= channel->random >> 7;
    channel->random ^= channel->random << 17;
    return channel->random;
}

static bool is_usable(const struct channel_link *link, uint32_t avoided)
{
    return link->load.n_calls < link->calls_limit && link->number != avoided;
}

/* Power of two choices; where one of the two cannot be used the best of all that can. NULL: none.
 */
static struct channel_link *choose_locked(
    struct rpc_channel *channel, uint32_t avoided, uint64_t now_ns)
{
    struct channel_link *best = NULL;
    if (channel->n_ready >= 2) {
        size_t first;
        size_t second;
        balance_two_of(next_random_locked(channel), channel->n_ready, &first, &second);
        struct channel_link *left = channel->ready[first];
        struct channel_link *right = channel->ready[second];
        if (is_usable(left, avoided) && is_usable(right, avoided)) {
            return balance_prefers(&left->load, &right->load, now_ns) ? left : right;
        }
    }
    for (size_t i = 0; i < channel->n_ready; i++) {
        struct channel_link *link = channel->ready[i];
        if (is_usable(link, avoided) &&
            (best == NULL || !balance_prefers(&best->load, &link->load, now_ns))) {
            best = link;
        }
    }
    return best;
}

/* When the next dial is: the earliest of all links. */
static uint64_t next_dial_locked(const struct rpc_channel *channel)
{
    uint64_t at_ns = CLOCK_NEVER;
    for (size_t i = 0; i < channel->n_links; i++) {
        const struct channel_link *link = channel->links[i];
        uint64_t next_ns = link->connection == NULL ? link->redial_at_ns : link->check_at_ns;
        at_ns = next_ns < at_ns ? next_ns : at_ns;
    }
    return at_ns == CLOCK_NEVER ? 0 : at_ns;
}

/* A link that may have gone meanwhile. */
static struct channel_link *find_numbered_locked(struct rpc_channel *channel, uint32_t number)
{
    for (size_t i = 0; i < channel->n_links; i++) {
        struct channel_link *link = channel->links[i];
        if (link->number == number) {
            return link->is_connected && !link->is_closed ? link : NULL;
        }
    }
    return NULL;
}

static struct channel_link *find_link_locked(struct rpc_channel *channel,
    const struct rpc_client_call *call, const struct channel_wish *wish)
{
    if (wish->only != 0) {
        return find_numbered_locked(channel, wish->only);
    }
    struct channel_link *link = choose_locked(channel, wish->avoided, call->attempt_at_ns);
    if (link == NULL && wish->avoided != 0 && !wish->is_strict) {
        link = choose_locked(channel, 0, call->attempt_at_ns);
    }
    return link;
}

enum status channel_place_call(struct rpc_channel *channel, struct rpc_client_call *call,
    const struct channel_wish *wish, uint64_t *ret_retry_at_ns)
{
    enum status status = STATUS_OK;
    bool is_first = call->attempt == 0;
    uint32_t id = 0;
    pthread_mutex_lock(&channel->mutex);
    struct channel_link *link = find_link_locked(channel, call, wish);
    if (link == NULL) {
        bool has_links = channel->n_ready > 0 && wish->only == 0;
        status = has_links ? STATUS_RESOURCE_EXHAUSTED : STATUS_UNAVAILABLE;
        *ret_retry_at_ns = next_dial_locked(channel);
    } else if ((!is_first && !retry_budget_spend(&channel->budget)) ||
               (id = call_table_put(&link->table, call)) == 0) {
        status = STATUS_RESOURCE_EXHAUSTED;
    } else {
        call->id = id;
        call->link = link;
        call->link_number = link->number;
        call->connection = rpc_connection_ref(link->connection);
        link->load.n_calls += !call->is_check;
    }
    if (is_first && status != STATUS_RESOURCE_EXHAUSTED) {
        channel->n_calls++;
        if (!call->is_check) {
            retry_budget_earn(&channel->budget);
        }
    }
    pthread_mutex_unlock(&channel->mutex);
    return status;
}

static void note_news_locked(struct channel_link *link, const struct rpc_client_call *call,
    enum frame_news news, uint64_t read_ns)
{
    switch (news) {
    case NEWS_ANSWER:
        if (!call->is_check && read_ns > call->attempt_at_ns) {
            balance_answered(&link->load, read_ns - call->attempt_at_ns, read_ns);
        }
        break;
    case NEWS_REFUSAL:
        balance_refused(&link->load, read_ns);
        break;
    case NEWS_NONE:
        break;
    }
}

static bool is_drained_locked(const struct channel_link *link)
{
    return (link->is_going_away || link->is_leaving) && link->table.n_calls == 0;
}

struct rpc_client_call *channel_find_call(struct channel_link *link, uint32_t call_id,
    enum frame_place place, enum frame_news news, uint64_t read_ns)
{
    struct rpc_channel *channel = link->channel;
    struct rpc_connection *drained = NULL;
    pthread_mutex_lock(&channel->mutex);
    struct rpc_client_call *call = call_table_get(&link->table, call_id);
    if (call != NULL) {
        note_news_locked(link, call, news, read_ns);
        bool is_unary = call->method->kind == RPC_UNARY;
        if (place == FRAME_MIDDLE || (place == FRAME_LAST_OF_UNARY && !is_unary)) {
            client_call_ref(call);
        } else {
            call_table_take(&link->table, call_id);
            link->load.n_calls -= !call->is_check;
            drained = is_drained_locked(link) ? rpc_connection_ref(link->connection) : NULL;
        }
    }
    pthread_mutex_unlock(&channel->mutex);
    if (drained != NULL) {
        rpc_connection_close(drained, "drained");
        rpc_connection_unref(drained);
    }
    return call;
}

struct rpc_client_call *channel_take_next_call(struct channel_link *link, uint32_t *at)
{
    pthread_mutex_lock(&link->channel->mutex);
    struct rpc_client_call *call = call_table_take_next(&link->table, at);
    link->load.n_calls -= call != NULL && !call->is_check;
    pthread_mutex_unlock(&link->channel->mutex);
    return call;
}
