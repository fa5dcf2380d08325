/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/attributes.h"
#include "base/process.h"

static void addresses_of_this_machine_are_told_from_others(void **state)
{
    (void)state;
    static const char *const LOCAL[] = {"tls+tcp://127.0.0.1:9090", "127.0.0.1:8080", "127.9.9.9:0",
        "tcp://127.0.0.1:9090", "[::1]:80", "tcp://[::1]:80", "localhost:80",
        "ipc:///run/walkie/report.ipc"};
    static const char *const REMOTE[] = {"0.0.0.0:8080", "[::]:80", "tcp://0.0.0.0:9090",
        "10.0.0.1:80", "localhost.example.org:80", "127.example.org:80", "tls+tcp://0.0.0.0:1",
        "report.example.org:80", "", "tcp://:9090"};
    for (size_t i = 0; i < LENGTH_OF(LOCAL); i++) {
        assert_true(process_is_local_address(LOCAL[i]));
    }
    for (size_t i = 0; i < LENGTH_OF(REMOTE); i++) {
        assert_false(process_is_local_address(REMOTE[i]));
    }
}

/* A service's memory crept up by megabytes a million cancelled calls although nothing leaked: after
 * a large block is freed glibc takes the next ones from its heap, where they leave holes. */
static void large_blocks_go_back_also_after_a_larger_one(void **state)
{
    (void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    skip(); /* another allocator */
#endif
    enum { LARGE = 256 << 10, LARGER = 4 << 20 };
    process_give_back_memory();
    free(malloc(LARGER));
    size_t before = mallinfo2().hblkhd;
    void *block = malloc(LARGE);
    assert_non_null(block);
    assert_true(mallinfo2().hblkhd >= before + LARGE);
    free(block);
    assert_true(mallinfo2().hblkhd == before);
}

static void signals_arrive_as_events(void **state)
{
    (void)state;
    process_block_signals();
    assert_int_equal(raise(SIGHUP), 0);
    assert_int_equal(process_wait_signal(PROCESS_FOREVER), PROCESS_RELOAD);
    assert_int_equal(raise(SIGTERM), 0);
    assert_int_equal(process_wait_signal(PROCESS_FOREVER), PROCESS_STOP);
    assert_int_equal(process_wait_signal(1000000), PROCESS_TIMEOUT);
}

static void systemd_is_told_when_it_is_there(void **state)
{
    (void)state;
    unsetenv("NOTIFY_SOCKET");
    process_notify("READY=1"); /* nobody listens: no harm */

    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof(address.sun_path), "/tmp/walkie_notify.%ld", (long)getpid());
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    setenv("NOTIFY_SOCKET", address.sun_path, 1);
    process_notify("READY=1");
    char text[32] = "";
    assert_int_equal(recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT), strlen("READY=1"));
    assert_string_equal(text, "READY=1");
    unsetenv("NOTIFY_SOCKET");
    close(fd);
    unlink(address.sun_path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_of_this_machine_are_told_from_others),
        cmocka_unit_test(large_blocks_go_back_also_after_a_larger_one),
        cmocka_unit_test(signals_arrive_as_events),
        cmocka_unit_test(systemd_is_told_when_it_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
