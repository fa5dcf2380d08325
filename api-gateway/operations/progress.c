#include "operations/progress.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

/* Of a report's time: which part belongs to which stage, in thousandths. Measured with the
 * demonstration study (a PDF of 92 pages); the names are those of the service's checkpoints. A
 * stage that is not listed leaves the bar where it is. */
struct share {
    const char *stage; /* its name, or the part before a ':' */
    uint32_t from;
    uint32_t len;
};
static const struct share SHARES[] = {
    {"fetch", 0, 400},
    {"kri", 400, 10},
    {"consent", 410, 10},
    {"drug", 420, 10},
    {"trail", 430, 10},
    {"reconcile", 440, 10},
    {"rules", 450, 30},
    {"sections", 480, 40},
    {"blinding", 520, 20},
    {"json", 540, 20},
    {"layout", 560, 90},
    {"render", 650, 340},
    {"csv", 560, 430},
    {"xlsx", 560, 430},
};

/* Where the total is not known: half of the share after so many steps, three quarters after three
 * times as many. */
enum { STEPS_OF_HALF = 30000 };

static const struct share *share_of(const char *stage)
{
    size_t len = strcspn(stage, ":");
    for (size_t i = 0; i < LENGTH_OF(SHARES); i++) {
        if (strlen(SHARES[i].stage) == len && strncmp(SHARES[i].stage, stage, len) == 0) {
            return &SHARES[i];
        }
    }
    return NULL;
}

static double fraction_of(const struct rpc_progress *told)
{
    if (told->total == 0) {
        return (double)told->done / ((double)told->done + STEPS_OF_HALF);
    }
    return told->done >= told->total ? 1.0 : (double)told->done / (double)told->total;
}

static void copy(char text[RPC_STAGE_MAX], const char *token)
{
    snprintf(text, RPC_STAGE_MAX, "%s", token);
}

void progress_take(struct progress *progress, const struct rpc_progress *told)
{
    copy(progress->stage, told->stage);
    if (told->section[0] != '\0') {
        copy(progress->section, told->section);
    }
    progress->page = told->page > progress->page ? told->page : progress->page;
    if (strcmp(told->stage, "sites") == 0) {
        progress->done =
            progress->counts_sites ? progress->done : 0; /* what came before: looking */
        progress->counts_sites = true;
        progress->total = told->total;
        progress->done = told->done > progress->done ? told->done : progress->done;
        return;
    }
    if (progress->counts_sites) {
        return;
    }
    progress->total = PROGRESS_TOTAL;
    const struct share *share = share_of(told->stage);
    uint64_t done =
        share == NULL ? 0 : share->from + (uint64_t)(fraction_of(told) * (double)share->len);
    progress->done = done > progress->done ? done : progress->done;
}

void progress_complete(struct progress *progress)
{
    progress->total = progress->total == 0 ? PROGRESS_TOTAL : progress->total;
    progress->done = progress->total;
}

static void add_text(cJSON *json, const char *name, const char *text)
{
    if (text[0] == '\0') {
        (void)cJSON_AddNullToObject(json, name);
    } else {
        (void)cJSON_AddStringToObject(json, name, text);
    }
}

/* cJSON's only failure is want of memory: it shows in the missing text. */
enum status progress_write(
    const struct progress *progress, uint64_t remaining_ns, struct buffer *buffer)
{
    cJSON *json = cJSON_CreateObject();
    add_text(json, "stage", progress->stage);
    add_text(json, "section", progress->section);
    if (progress->page == 0) {
        (void)cJSON_AddNullToObject(json, "page");
    } else {
        (void)cJSON_AddNumberToObject(json, "page", progress->page);
    }
    (void)cJSON_AddNumberToObject(json, "done", (double)progress->done);
    (void)cJSON_AddNumberToObject(json, "total", (double)progress->total);
    if (remaining_ns == CLOCK_NEVER) {
        (void)cJSON_AddNullToObject(json, "remaining_ms");
    } else {
        const uint64_t tenths = remaining_ns / 100000; /* no more digits than anybody reads */
        (void)cJSON_AddNumberToObject(json, "remaining_ms", (double)tenths / 10.0);
    }
    char *text = cJSON_PrintUnformatted(json);
    cJSON_Delete(json);
    if (text == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    enum status status = buffer_append_text(buffer, text);
    cJSON_free(text);
    return status;
}
