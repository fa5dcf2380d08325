#include "api/live.h"

#include <stddef.h>
#include <stdint.h>

void live_init(struct live *live)
{
    for (size_t i = 0; i < LIVE_LISTS; i++) {
        pthread_mutex_init(&live->lists[i].mutex, NULL);
        live->lists[i].first = NULL;
    }
}

void live_finish(struct live *live)
{
    for (size_t i = 0; i < LIVE_LISTS; i++) {
        pthread_mutex_destroy(&live->lists[i].mutex);
    }
}

/* Entries lie in blocks of some hundred bytes: the low bits of their addresses say nothing. */
static struct live_list *list_of(struct live *live, const struct live_entry *entry)
{
    uint64_t mixed = ((uint64_t)(uintptr_t)entry >> 4) * UINT64_C(0x9e3779b97f4a7c15);
    return &live->lists[(mixed >> 32) % LIVE_LISTS];
}

void live_add(struct live *live, struct live_entry *entry)
{
    struct live_list *list = list_of(live, entry);
    entry->list = list;
    entry->previous = NULL;
    pthread_mutex_lock(&list->mutex);
    entry->next = list->first;
    if (entry->next != NULL) {
        entry->next->previous = entry;
    }
    list->first = entry;
    pthread_mutex_unlock(&list->mutex);
}

void live_remove(struct live_entry *entry)
{
    struct live_list *list = entry->list;
    if (list == NULL) {
        return;
    }
    pthread_mutex_lock(&list->mutex);
    *(entry->previous == NULL ? &list->first : &entry->previous->next) = entry->next;
    if (entry->next != NULL) {
        entry->next->previous = entry->previous;
    }
    pthread_mutex_unlock(&list->mutex);
    entry->list = NULL;
}

void live_each(struct live *live, bool (*visit)(void *arg, struct live_entry *entry), void *arg)
{
    bool goes_on = true;
    for (size_t i = 0; i < LIVE_LISTS && goes_on; i++) {
        struct live_list *list = &live->lists[i];
        pthread_mutex_lock(&list->mutex);
        for (struct live_entry *at = list->first; at != NULL && goes_on; at = at->next) {
            goes_on = visit(arg, at);
        }
        pthread_mutex_unlock(&list->mutex);
    }
}
