/* Opens N connections with one slow request on each, says so, and holds them until its input ends.
 *
 *     bench_hold PORT N PATH         prints "held N"; then, at the end, "lost M": the answers or
 *                                    closed connections that came in between
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HELD_MAX = 20000, DESCRIPTORS_SPARE = 64 };

static int open_request(uint16_t port, const char *request, size_t len)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
        write(fd, request, len) != (ssize_t)len) {
        perror("bench_hold");
        exit(1);
    }
    return fd;
}

int main(int argc, char **argv)
{
    static int fds[HELD_MAX];
    if (argc != 4 || strtoul(argv[2], NULL, 10) > HELD_MAX) {
        fprintf(stderr, "usage: bench_hold PORT N PATH\n");
        return 2;
    }
    uint16_t port = (uint16_t)strtoul(argv[1], NULL, 10);
    unsigned long n = strtoul(argv[2], NULL, 10);
    struct rlimit limit = {n + DESCRIPTORS_SPARE, n + DESCRIPTORS_SPARE};
    (void)setrlimit(RLIMIT_NOFILE, &limit); /* what it lacks shows when a socket is asked for */
    char request[512];
    int len = snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: bench\r\n\r\n", argv[3]);
    for (unsigned long i = 0; i < n; i++) {
        fds[i] = open_request(port, request, (size_t)len);
    }
    printf("held %lu\n", n);
    fflush(stdout);
    char byte;
    while (read(STDIN_FILENO, &byte, 1) > 0) {
    }
    unsigned long n_lost = 0;
    for (unsigned long i = 0; i < n; i++) {
        n_lost += recv(fds[i], &byte, 1, MSG_DONTWAIT | MSG_PEEK) >= 0;
    }
    printf("lost %lu\n", n_lost);
    return n_lost > 0 ? 1 : 0;
}
