/* walkie-access-log: whether the lines of access logs follow from each other, or some were changed
 * or taken out.
 *
 *     walkie-access-log /var/log/walkie/access.log
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "auth/access_log.h"
#include "base/process.h"

enum {
    EXIT_BROKEN = 1,
    FINDINGS_SHOWN_MAX = 100, /* of one file: the others are counted */
};

static void show(void *arg, const char *words)
{
    unsigned int *n_shown = arg;
    if (*n_shown < FINDINGS_SHOWN_MAX) {
        printf("%s\n", words);
        ++*n_shown;
    }
}

static int check(const char *path)
{
    struct error error = ERROR_NONE;
    unsigned int n_shown = 0;
    uint64_t n_lines = 0;
    enum status status = access_log_check(path, show, &n_shown, &n_lines, &error);
    if (status == STATUS_OK) {
        printf("%s: %" PRIu64 " lines, unbroken\n", path, n_lines);
        return EXIT_OK;
    }
    if (status == STATUS_DATA_LOSS) {
        printf("%s\n", error.text);
        return EXIT_BROKEN;
    }
    fprintf(stderr, "walkie-access-log: %s\n", error.text);
    return EXIT_UNAVAILABLE;
}

int main(int argc, char **argv)
{
    if (argc < 2 || argv[1][0] == '-') {
        fprintf(argc == 2 && strcmp(argv[1], "--help") == 0 ? stdout : stderr,
            "usage: walkie-access-log FILE...\n"
            "says whether each line of an access log follows from the one before it, and names "
            "those "
            "that do not\n"
            "exit code: 0 all do, 1 a line was changed, taken out, put in or broken off (by a full "
            "disk), 69 it cannot be read\n");
        return argc == 2 && strcmp(argv[1], "--help") == 0 ? EXIT_OK : EXIT_USAGE;
    }
    int exit_code = EXIT_OK;
    for (int i = 1; i < argc; i++) {
        int code = check(argv[i]);
        exit_code = code > exit_code ? code : exit_code;
    }
    return exit_code;
}
