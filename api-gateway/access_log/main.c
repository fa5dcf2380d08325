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

enum { EXIT_BROKEN = 1 };

static int check(const char *path)
{
    struct error error = ERROR_NONE;
    uint64_t n_lines = 0;
    switch (access_log_check(path, &n_lines, &error)) {
    case STATUS_OK:
        printf("%s: %" PRIu64 " lines, unbroken\n", path, n_lines);
        return EXIT_OK;
    case STATUS_DATA_LOSS:
        printf("%s\n", error.text);
        return EXIT_BROKEN;
    case STATUS_CANCELLED:
    case STATUS_UNKNOWN:
    case STATUS_INVALID_ARGUMENT:
    case STATUS_DEADLINE_EXCEEDED:
    case STATUS_NOT_FOUND:
    case STATUS_ALREADY_EXISTS:
    case STATUS_PERMISSION_DENIED:
    case STATUS_RESOURCE_EXHAUSTED:
    case STATUS_FAILED_PRECONDITION:
    case STATUS_ABORTED:
    case STATUS_OUT_OF_RANGE:
    case STATUS_UNIMPLEMENTED:
    case STATUS_INTERNAL:
    case STATUS_UNAVAILABLE:
    case STATUS_UNAUTHENTICATED:
        break;
    }
    fprintf(stderr, "walkie-access-log: %s\n", error.text);
    return EXIT_UNAVAILABLE;
}

int main(int argc, char **argv)
{
    if (argc < 2 || argv[1][0] == '-') {
        fprintf(argc == 2 && strcmp(argv[1], "--help") == 0 ? stdout : stderr,
            "usage: walkie-access-log FILE...\n"
            "says whether each line of an access log follows from the one before it\n"
            "exit code: 0 it does, 1 a line was changed, taken out or put in, 69 it cannot be "
            "read\n");
        return argc == 2 && strcmp(argv[1], "--help") == 0 ? EXIT_OK : EXIT_USAGE;
    }
    int exit_code = EXIT_OK;
    for (int i = 1; i < argc; i++) {
        int code = check(argv[i]);
        exit_code = code > exit_code ? code : exit_code;
    }
    return exit_code;
}
