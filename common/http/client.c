#include "http/client.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http/client_internal.h"

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;
static CURLcode curl_state;

static void start_curl(void)
{
    curl_state = curl_global_init(CURL_GLOBAL_DEFAULT);
}

struct http_client *http_client_new(const struct http_client_options *options)
{
    pthread_once(&curl_once, start_curl);
    struct http_client *client = curl_state == CURLE_OK ? calloc(1, sizeof(*client)) : NULL;
    if (client != NULL) {
        client->options = *options;
        pthread_mutex_init(&client->mutex, NULL);
    }
    return client;
}

static void free_handles(struct http_client_handles handles)
{
    curl_easy_cleanup(handles.easy);
    curl_multi_cleanup(handles.multi);
}

void http_client_free(struct http_client *client)
{
    if (client == NULL) {
        return;
    }
    for (size_t i = 0; i < client->n_idle; i++) {
        free_handles(client->idle[i]);
    }
    pthread_mutex_destroy(&client->mutex);
    free(client);
}

bool http_client_take(struct http_client *client, struct http_client_handles *ret_handles)
{
    struct http_client_handles handles = {.easy = NULL};
    pthread_mutex_lock(&client->mutex);
    if (client->n_idle > 0) {
        handles = client->idle[--client->n_idle];
    }
    pthread_mutex_unlock(&client->mutex);
    if (handles.easy == NULL) {
        handles = (struct http_client_handles){curl_easy_init(), curl_multi_init()};
    }
    if (handles.easy == NULL || handles.multi == NULL) {
        free_handles(handles);
        return false;
    }
    *ret_handles = handles;
    return true;
}

void http_client_give(struct http_client *client, struct http_client_handles handles)
{
    curl_easy_reset(handles.easy);
    pthread_mutex_lock(&client->mutex);
    bool has_room = client->n_idle < HTTP_CLIENT_IDLE_MAX;
    if (has_room) {
        client->idle[client->n_idle++] = handles;
    }
    pthread_mutex_unlock(&client->mutex);
    if (!has_room) {
        free_handles(handles);
    }
}

struct bytes http_client_reply_field(const struct http_client_reply *reply, const char *name)
{
    size_t name_len = strlen(name);
    const char *at = (const char *)reply->head.data;
    const char *end = at == NULL ? NULL : at + reply->head.len;
    while (at < end) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        line_end = line_end == NULL ? end : line_end;
        size_t len = (size_t)(line_end - at);
        if (len > name_len && at[name_len] == ':' && strncasecmp(at, name, name_len) == 0) {
            const char *value = at + name_len + 1;
            while (value < line_end && (*value == ' ' || *value == '\t')) {
                value++;
            }
            while (line_end > value && strchr(" \t\r", line_end[-1]) != NULL) {
                line_end--;
            }
            return (struct bytes){(const uint8_t *)value, (size_t)(line_end - value)};
        }
        at = line_end + 1;
    }
    return (struct bytes){NULL, 0};
}

void http_client_reply_finish(struct http_client_reply *reply)
{
    buffer_finish(&reply->head);
    buffer_finish(&reply->body);
}
