/* What the process itself uses, from /proc, under the names that Prometheus's own clients give it,
 * and the number of live scopes. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ctx/registry.h"
#include "obs/metrics_internal.h"

static struct metrics_family RSS = {.name = "process_resident_memory_bytes",
    .help = "Resident memory size in bytes.",
    .kind = METRICS_GAUGE};
static struct metrics_family CPU = {.name = "process_cpu_seconds_total",
    .help = "Total user and system CPU time spent in seconds.",
    .kind = METRICS_COUNTER,
    .unit = METRICS_SECONDS};
static struct metrics_family FDS = {
    .name = "process_open_fds", .help = "Number of open file descriptors.", .kind = METRICS_GAUGE};
static struct metrics_family THREADS = {
    .name = "process_threads", .help = "Number of threads.", .kind = METRICS_GAUGE};
static struct metrics_family LIVE_SCOPES = {.name = "walkie_ctx_live_scopes",
    .help = "Context scopes that have not been ended; see /debug/contexts.",
    .kind = METRICS_GAUGE};

static struct metrics_child *only_child(struct metrics_family *family)
{
    return metrics_child(family, NULL, NULL, NULL);
}

static void refresh_memory(void)
{
    unsigned long size_pages;
    unsigned long resident_pages;
    FILE *file = fopen("/proc/self/statm", "re");
    if (file == NULL) {
        return;
    }
    if (fscanf(file, "%lu %lu", &size_pages, &resident_pages) == 2) {
        metrics_set(only_child(&RSS), (int64_t)resident_pages * sysconf(_SC_PAGESIZE));
    }
    fclose(file);
}

/* The entries of a folder that are numbers: descriptors, threads. */
static int64_t count_numbers(const char *path)
{
    DIR *folder = opendir(path);
    if (folder == NULL) {
        return 0;
    }
    int64_t n = 0;
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        n += entry->d_name[0] != '.' ? 1 : 0;
    }
    closedir(folder);
    return n;
}

static void count_scope(void *arg, const struct ctx_live *live)
{
    (void)live;
    (*(int64_t *)arg)++;
}

void metrics_process_refresh(void)
{
    refresh_memory();
    struct timespec cpu;
    if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu) == 0) {
        /* A counter that somebody else counts: it is taken over as it is. */
        metrics_set(only_child(&CPU), (int64_t)(CLOCK_SECONDS(cpu.tv_sec) + (uint64_t)cpu.tv_nsec));
    }
    /* One of them is the folder being read. */
    metrics_set(only_child(&FDS), count_numbers("/proc/self/fd") - 1);
    metrics_set(only_child(&THREADS), count_numbers("/proc/self/task"));
    int64_t n_scopes = 0;
    ctx_registry_visit(count_scope, &n_scopes);
    metrics_set(only_child(&LIVE_SCOPES), n_scopes);
}
