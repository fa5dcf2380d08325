/* walkie-access-log: whether the lines of access logs follow from each other, or some were changed
 * or taken out.
 *
 *     walkie-access-log [--key /etc/walkie/access.key] /var/log/walkie/access.log
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

static int check(const char *path, const struct hmac_key *key)
{
    struct error error = ERROR_NONE;
    unsigned int n_shown = 0;
    uint64_t n_lines = 0;
    enum status status = access_log_check(path, key, show, &n_shown, &n_lines, &error);
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

/* NULL: said why not. */
static struct hmac_key *load_key(const char *path)
{
    struct hmac_key *key = NULL;
    struct error error = ERROR_NONE;
    if (hmac_key_load(path, &key, &error) != STATUS_OK) {
        fprintf(stderr, "walkie-access-log: %s\n", error.text);
    }
    return key;
}

static int check_all(int n_paths, char **paths, const struct hmac_key *key)
{
    int exit_code = EXIT_OK;
    for (int i = 0; i < n_paths; i++) {
        int code = check(paths[i], key);
        exit_code = code > exit_code ? code : exit_code;
    }
    return exit_code;
}

int main(int argc, char **argv)
{
    bool has_key = argc > 3 && strcmp(argv[1], "--key") == 0;
    if (argc < 2 || (argv[1][0] == '-' && !has_key)) {
        fprintf(argc == 2 && strcmp(argv[1], "--help") == 0 ? stdout : stderr,
            "usage: walkie-access-log [--key FILE] FILE...\n"
            "says whether each line of an access log follows from the one before it, and names "
            "those that do not; --key: the gateway's --access-log-key\n"
            "exit code: 0 all do, 1 a line was changed, taken out, put in or broken off (by a full "
            "disk), 69 it cannot be read\n");
        return argc == 2 && strcmp(argv[1], "--help") == 0 ? EXIT_OK : EXIT_USAGE;
    }
    struct hmac_key *key = has_key ? load_key(argv[2]) : NULL;
    if (has_key && key == NULL) {
        return EXIT_UNAVAILABLE;
    }
    int first = has_key ? 3 : 1;
    int exit_code = check_all(argc - first, argv + first, key);
    hmac_key_free(key);
    return exit_code;
}
