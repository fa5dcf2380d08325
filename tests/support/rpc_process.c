#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* pipe2 */
#endif
#include "support/rpc_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PROGRAM_PATH_MAX = 4096 };

void rpc_process_start(struct rpc_process *process, const char *role, const char *url)
{
    int to[2];
    int from[2];
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    char *arguments[] = {
        (char *)(uintptr_t)role, (char *)(uintptr_t)role, (char *)(uintptr_t)url, NULL};
    extern char **environ;
    /* By its name: under valgrind /proc/self/exe is valgrind. */
    char program[PROGRAM_PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", program, sizeof(program) - 1);
    program[len < 0 ? 0 : len] = '\0';
    if (pipe2(to, O_CLOEXEC) != 0 || pipe2(from, O_CLOEXEC) != 0 ||
        posix_spawn_file_actions_adddup2(&actions, to[0], STDIN_FILENO) != 0 ||
        posix_spawn_file_actions_adddup2(&actions, from[1], STDOUT_FILENO) != 0 ||
        posix_spawn(&process->pid, program, &actions, NULL, arguments, environ) != 0) {
        perror("cannot start another process");
        exit(1);
    }
    posix_spawn_file_actions_destroy(&actions);
    close(to[0]);
    close(from[1]);
    process->to = to[1];
    process->from = from[0];
}

void rpc_process_read_line(struct rpc_process *process, char *line, size_t size)
{
    size_t len = 0;
    while (len < size - 1 && read(process->from, line + len, 1) == 1 && line[len] != '\n') {
        len++;
    }
    line[len] = '\0';
}

static void process_end(struct rpc_process *process)
{
    close(process->to);
    waitpid(process->pid, NULL, 0);
    close(process->from);
}

void rpc_process_kill(struct rpc_process *process)
{
    kill(process->pid, SIGKILL);
    process_end(process);
}

void rpc_process_stop(struct rpc_process *process)
{
    process_end(process);
}
