/* One lock for everything; no callback runs under it. */
#include "fake_nng.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "fake_endpoint.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

struct nng_aio {
    void (*callback)(void *arg);
    void *arg;
    nng_iov iov;
    int result;
    size_t count;
    void *output;
    struct fake_stream *stream; /* that it was last posted on */
    bool is_done;
    bool is_running; /* its callback */
};

struct fake_stream {
    nng_aio *receiving; /* posted and not completed */
    nng_aio *sending;
    fake_sent_fn *sent;
    void *sent_arg;
    size_t room_max; /* bytes that are taken at once between two runs */
    size_t room;     /* of those, still free */
    uint8_t *taken;  /* at once, and not told yet; room_max bytes */
    size_t n_taken;
    const uint8_t *input; /* the fuzzer's thread's, these three */
    size_t input_len;
    bool is_hung_up;
    bool is_closed;
    bool is_freed;
};

struct fake_endpoint {
    nng_aio *waiting;
    bool is_closed;
};

static struct fake_stream *offered;
static struct fake_endpoint *waiting_endpoint;

static void *must_calloc(size_t size)
{
    void *memory = calloc(1, size);
    return memory != NULL ? memory : (abort(), NULL);
}

/* --- aios ----------------------------------------------------------------------------------- */

int nng_aio_alloc(nng_aio **ret_aio, void (*callback)(void *), void *arg)
{
    nng_aio *aio = must_calloc(sizeof(*aio));
    aio->callback = callback;
    aio->arg = arg;
    *ret_aio = aio;
    return 0;
}

void nng_aio_free(nng_aio *aio)
{
    free(aio);
}

static void complete_locked(nng_aio *aio, int result, size_t count)
{
    aio->result = result;
    aio->count = count;
    aio->is_done = true;
    pthread_cond_broadcast(&changed);
}

/* What is posted is dropped, what runs is waited for. */
void nng_aio_stop(nng_aio *aio)
{
    pthread_mutex_lock(&lock);
    if (aio->stream != NULL && aio->stream->receiving == aio) {
        aio->stream->receiving = NULL;
    }
    if (aio->stream != NULL && aio->stream->sending == aio) {
        aio->stream->sending = NULL;
    }
    while (aio->is_running) {
        pthread_cond_wait(&changed, &lock);
    }
    pthread_mutex_unlock(&lock);
}

/* Only sends without a callback are cancelled: they are on no stream. */
void nng_aio_cancel(nng_aio *aio)
{
    pthread_mutex_lock(&lock);
    if (!aio->is_done) {
        complete_locked(aio, NNG_ECANCELED, 0);
    }
    pthread_mutex_unlock(&lock);
}

void nng_aio_wait(nng_aio *aio)
{
    pthread_mutex_lock(&lock);
    while (!aio->is_done) {
        pthread_cond_wait(&changed, &lock);
    }
    pthread_mutex_unlock(&lock);
}

int nng_aio_result(nng_aio *aio)
{
    return aio->result;
}

size_t nng_aio_count(nng_aio *aio)
{
    return aio->count;
}

void *nng_aio_get_output(nng_aio *aio, unsigned int index)
{
    (void)index;
    return aio->output;
}

int nng_aio_set_iov(nng_aio *aio, unsigned int n_iov, const nng_iov *iov)
{
    (void)n_iov;
    aio->iov = *iov;
    return 0;
}

void nng_aio_set_timeout(nng_aio *aio, nng_duration timeout)
{
    (void)aio, (void)timeout;
}

/* --- streams -------------------------------------------------------------------------------- */

static struct fake_stream *stream_of(nng_stream *stream)
{
    return (struct fake_stream *)(void *)stream;
}

void nng_stream_recv(nng_stream *stream, nng_aio *aio)
{
    pthread_mutex_lock(&lock);
    aio->stream = stream_of(stream);
    aio->stream->receiving = aio;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

/* As much as there is room for: `sent` is told later, on the fuzzer's thread. */
static void send_at_once_locked(struct fake_stream *stream, nng_aio *aio)
{
    size_t len = stream->is_closed ? 0 : stream->room;
    len = len < aio->iov.iov_len ? len : aio->iov.iov_len;
    aio->is_done = false;
    aio->count = 0;
    if (len > 0) {
        memcpy(stream->taken + stream->n_taken, aio->iov.iov_buf, len);
        stream->n_taken += len;
        stream->room -= len;
        complete_locked(aio, 0, len);
    }
}

void nng_stream_send(nng_stream *stream, nng_aio *aio)
{
    pthread_mutex_lock(&lock);
    if (aio->callback == NULL) {
        send_at_once_locked(stream_of(stream), aio);
    } else {
        aio->stream = stream_of(stream);
        aio->stream->sending = aio;
        pthread_cond_broadcast(&changed);
    }
    pthread_mutex_unlock(&lock);
}

void nng_stream_close(nng_stream *stream)
{
    pthread_mutex_lock(&lock);
    stream_of(stream)->is_closed = true;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

void nng_stream_free(nng_stream *stream)
{
    if (stream == NULL) {
        return;
    }
    pthread_mutex_lock(&lock);
    struct fake_stream *fake = stream_of(stream);
    fake->is_freed = true;
    fake->receiving = NULL;
    fake->sending = NULL;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

/* --- who waits for streams ------------------------------------------------------------------ */

struct fake_endpoint *fake_endpoint_new(void)
{
    return must_calloc(sizeof(struct fake_endpoint));
}

static void hand_over_locked(void)
{
    if (offered != NULL && waiting_endpoint != NULL) {
        waiting_endpoint->waiting->output = offered;
        complete_locked(waiting_endpoint->waiting, 0, 0);
        offered = NULL;
        waiting_endpoint = NULL;
    }
}

void fake_endpoint_wait(struct fake_endpoint *endpoint, nng_aio *aio)
{
    pthread_mutex_lock(&lock);
    aio->is_done = false;
    endpoint->waiting = aio;
    if (endpoint->is_closed) {
        complete_locked(aio, NNG_ECLOSED, 0);
    } else {
        waiting_endpoint = endpoint;
        hand_over_locked();
    }
    pthread_mutex_unlock(&lock);
}

void fake_endpoint_close(struct fake_endpoint *endpoint)
{
    pthread_mutex_lock(&lock);
    endpoint->is_closed = true;
    if (waiting_endpoint == endpoint) {
        waiting_endpoint = NULL;
        complete_locked(endpoint->waiting, NNG_ECLOSED, 0);
    }
    pthread_mutex_unlock(&lock);
}

/* --- the fuzzer's side ---------------------------------------------------------------------- */

struct fake_stream *fake_stream_offer(fake_sent_fn *sent, void *arg)
{
    struct fake_stream *stream = must_calloc(sizeof(*stream));
    stream->sent = sent;
    stream->sent_arg = arg;
    pthread_mutex_lock(&lock);
    offered = stream;
    hand_over_locked();
    pthread_mutex_unlock(&lock);
    return stream;
}

void fake_stream_await_reader(struct fake_stream *stream)
{
    pthread_mutex_lock(&lock);
    while (stream->receiving == NULL && !stream->is_closed && !stream->is_freed) {
        pthread_cond_wait(&changed, &lock);
    }
    pthread_mutex_unlock(&lock);
}

/* The next that can be completed, completed; NULL: there is none. */
static nng_aio *take_completed_locked(struct fake_stream *stream, bool *ret_is_sent)
{
    nng_aio *aio = NULL;
    bool is_over = stream->is_closed || stream->is_hung_up;
    *ret_is_sent = stream->sending != NULL && !stream->is_closed;
    if (stream->sending != NULL) {
        aio = stream->sending;
        stream->sending = NULL;
        complete_locked(
            aio, stream->is_closed ? NNG_ECLOSED : 0, stream->is_closed ? 0 : aio->iov.iov_len);
    } else if (stream->receiving != NULL && (stream->input_len > 0 || is_over)) {
        aio = stream->receiving;
        stream->receiving = NULL;
        size_t room = aio->iov.iov_len;
        size_t len = stream->input_len < room ? stream->input_len : room;
        len = stream->is_closed ? 0 : len;
        if (len > 0) {
            memcpy(aio->iov.iov_buf, stream->input, len);
            stream->input += len;
            stream->input_len -= len;
        }
        complete_locked(aio, len > 0 ? 0 : NNG_ECLOSED, len);
    }
    if (aio != NULL) {
        aio->is_running = true;
    }
    return aio;
}

void fake_stream_set_room(struct fake_stream *stream, size_t room_max)
{
    uint8_t *taken = room_max == 0 ? NULL : must_calloc(room_max);
    pthread_mutex_lock(&lock);
    stream->taken = taken;
    stream->room_max = room_max;
    stream->room = room_max;
    pthread_mutex_unlock(&lock);
}

/* What was sent at once was so before whatever is still being sent. */
static void tell_taken_locked(struct fake_stream *stream)
{
    while (stream->n_taken > 0) {
        uint8_t *taken = stream->taken;
        size_t n_taken = stream->n_taken;
        stream->taken = must_calloc(stream->room_max);
        stream->n_taken = 0;
        stream->room = stream->room_max;
        pthread_mutex_unlock(&lock);
        stream->sent(stream->sent_arg, taken, n_taken);
        free(taken);
        pthread_mutex_lock(&lock);
    }
}

void fake_stream_run(struct fake_stream *stream)
{
    pthread_mutex_lock(&lock);
    nng_aio *aio;
    bool is_sent;
    tell_taken_locked(stream);
    while (!stream->is_freed && (aio = take_completed_locked(stream, &is_sent)) != NULL) {
        pthread_mutex_unlock(&lock);
        if (is_sent) {
            stream->sent(stream->sent_arg, aio->iov.iov_buf, aio->count);
        }
        aio->callback(aio->arg);
        pthread_mutex_lock(&lock);
        aio->is_running = false;
        pthread_cond_broadcast(&changed);
        tell_taken_locked(stream);
    }
    pthread_mutex_unlock(&lock);
}

void fake_stream_feed(struct fake_stream *stream, const uint8_t *bytes, size_t len)
{
    stream->input = bytes;
    stream->input_len = len;
    fake_stream_run(stream);
}

void fake_stream_hang_up(struct fake_stream *stream)
{
    stream->is_hung_up = true;
    fake_stream_run(stream);
}

void fake_stream_forget(struct fake_stream *stream)
{
    bool is_freed = false;
    while (!is_freed) {
        fake_stream_run(stream);
        pthread_mutex_lock(&lock);
        bool has_work = stream->sending != NULL || stream->receiving != NULL;
        if (!stream->is_freed && !has_work) {
            pthread_cond_wait(&changed, &lock);
        }
        is_freed = stream->is_freed;
        pthread_mutex_unlock(&lock);
    }
    free(stream->taken);
    free(stream);
}
