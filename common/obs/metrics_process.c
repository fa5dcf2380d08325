/* What the process itself uses, from /proc, under the names that Prometheus's own clients give it,
 * and the number of live scopes. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "ctx/registry.h"
#include "obs/metrics_internal.h"

static struct metrics_family RSS = {.name = "process_resident_memory_bytes",
    .help = "Resident memory size in bytes.",
    .kind = METRICS_GAUGE,
    .unit = METRICS_BYTES};
static struct metrics_family VIRTUAL = {.name = "process_virtual_memory_bytes",
    .help = "Virtual memory size in bytes.",
    .kind = METRICS_GAUGE,
    .unit = METRICS_BYTES};
static struct metrics_family START = {.name = "process_start_time_seconds",
    .help = "Start time of the process since unix epoch in seconds.",
    .kind = METRICS_GAUGE,
    .unit = METRICS_SECONDS};
static struct metrics_family MAX_FDS = {.name = "process_max_fds",
    .help = "Maximum number of open file descriptors.",
    .kind = METRICS_GAUGE};
static struct metrics_family BUILD = {.name = "walkie_build_info",
    .help = "Which program this is; always 1.",
    .kind = METRICS_GAUGE,
    .labels = {"service", "version"}};
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
        metrics_set(only_child(&VIRTUAL), (int64_t)size_pages * sysconf(_SC_PAGESIZE));
    }
    fclose(file);
}

/* Field 22 of /proc/self/stat: ticks from the machine's start to the process's. The name before it,
 * in parentheses, may hold anything, so the last ')' is looked for. */
static bool read_start_ticks(unsigned long long *ret_ticks)
{
    enum { FIELDS_BETWEEN = 20, STAT_MAX = 1024 };
    char text[STAT_MAX] = "";
    FILE *file = fopen("/proc/self/stat", "re");
    if (file == NULL) {
        return false;
    }
    size_t len = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    text[len] = '\0';
    const char *at = strrchr(text, ')');
    for (int i = 0; at != NULL && i < FIELDS_BETWEEN; i++) {
        at = strchr(at + 1, ' ');
    }
    return at != NULL && sscanf(at, "%llu", ret_ticks) == 1;
}

/* Once: it does not change. The clock of both is the machine's since its start. */
static void set_start_time(void)
{
    unsigned long long ticks;
    struct timespec now;
    struct timespec up;
    if (!read_start_ticks(&ticks) || clock_gettime(CLOCK_REALTIME, &now) != 0 ||
        clock_gettime(CLOCK_BOOTTIME, &up) != 0) {
        return;
    }
    double boot = (double)(now.tv_sec - up.tv_sec) + (double)(now.tv_nsec - up.tv_nsec) / 1e9;
    double start = boot + (double)ticks / (double)sysconf(_SC_CLK_TCK);
    metrics_set(only_child(&START), (int64_t)(start * 1e9));
}

static void refresh_limits(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, set_start_time);
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur <= INT64_MAX) {
        metrics_set(only_child(&MAX_FDS), (int64_t)limit.rlim_cur);
    }
}

void metrics_set_build(const char *service, const char *version)
{
    metrics_set(metrics_child(&BUILD, service, version, NULL), 1);
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
    refresh_limits();
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
