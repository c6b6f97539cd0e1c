// What the Sandbox room needs of the kernel that Swift's Glibc module does not show: a child that dies with us, pidfds,
// memory files, openat2.
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdint.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// glibc declares clone and its flags under _GNU_SOURCE only, which Swift does not set.
extern int clone(int (*function)(void *), void *stack, int flags, void *argument, ...);

/// What a child is made of. `descriptors` become 0, 1, 2, 3 … of the child, which has no others.
struct shim_spawn {
    const char *path;
    char *const *arguments;
    char *const *environment;
    const int *descriptors;
    int count;
    int group;           // an open cgroup.procs that the child enters, or -1
    unsigned user;       // the user and group that a child of root becomes
    pid_t parent;        // who must still be the parent once the child is bound to die with it
    int stage;           // out: where it failed, 0 when it did not
    int error;           // out: errno there
};

static inline int shim_spawn_fail(struct shim_spawn *request, int stage) {
    request->stage = stage;
    request->error = errno;
    _exit(127);
}

/// Runs in the parent's memory (CLONE_VM) with the parent's thread asleep (CLONE_VFORK): nothing but system calls.
static inline int shim_spawn_child(void *argument) {
    struct shim_spawn *request = argument;
    for (int number = 1; number < 65; number++) {
        struct sigaction plain = {0};
        plain.sa_handler = SIG_DFL;
        if (number != SIGKILL && number != SIGSTOP) sigaction(number, &plain, NULL);
    }
    if (setsid() < 0) shim_spawn_fail(request, 1);
    if (request->group >= 0 && write(request->group, "0", 1) != 1) shim_spawn_fail(request, 2);
    umask(022);
    // First above every number that is wanted, then down to its place: no copy overwrites one that is still needed.
    int moved[64];
    if (request->count > 64) { errno = EMFILE; shim_spawn_fail(request, 3); }
    for (int i = 0; i < request->count; i++) {
        moved[i] = fcntl(request->descriptors[i], F_DUPFD_CLOEXEC, request->count);
        if (moved[i] < 0) shim_spawn_fail(request, 3);
    }
    for (int i = 0; i < request->count; i++) {
        if (dup2(moved[i], i) < 0) shim_spawn_fail(request, 3);
    }
    if (syscall(SYS_close_range, (unsigned)request->count, ~0u, 0u) != 0) shim_spawn_fail(request, 4);
    // Root would escape the limit on processes, which the kernel does not hold against the first user. The system
    // calls are made directly: glibc's functions would change the parent's threads too.
    if (geteuid() == 0) {
        if (syscall(SYS_setgroups, 0, NULL) != 0) shim_spawn_fail(request, 5);
        if (syscall(SYS_setresgid, request->user, request->user, request->user) != 0) shim_spawn_fail(request, 5);
        if (syscall(SYS_setresuid, request->user, request->user, request->user) != 0) shim_spawn_fail(request, 5);
    }
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) shim_spawn_fail(request, 6);
    if (getppid() != request->parent) { errno = ESRCH; shim_spawn_fail(request, 6); }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execve(request->path, request->arguments, request->environment);
    shim_spawn_fail(request, 7);
    return 0;
}

/// Starts a child that is killed when the calling thread ends; its number, and its pidfd in `*pidfd`, or -1 and errno.
static inline pid_t shim_spawn(struct shim_spawn *request, void *stack, size_t size, int *pidfd) {
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &before);
    request->parent = getpid();
    request->stage = 0;
    // CLONE_VM, CLONE_PIDFD, CLONE_VFORK
    pid_t child = clone(shim_spawn_child, (char *)stack + size, 0x100 | 0x1000 | 0x4000 | SIGCHLD, request, pidfd);
    int error = errno;
    sigprocmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return child;
}

/// Keeps every signal from the calling thread.
static inline void shim_block_signals(void) {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
}

/// A descriptor that means the process which has this number now, or -1.
static inline int shim_pidfd_open(pid_t number) { return (int)syscall(SYS_pidfd_open, number, 0u); }

static inline int shim_pidfd_kill(int pidfd) {
    return (int)syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0u);
}

/// Collects a child that has ended: the raw wait status, and processor microseconds of it and all it waited for.
static inline int shim_collect(pid_t child, int *status, int64_t *microseconds) {
    struct rusage usage;
    pid_t got;
    do { got = wait4(child, status, 0, &usage); } while (got < 0 && errno == EINTR);
    if (got < 0) return -1;
    *microseconds = (int64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000
        + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
    return 0;
}

static inline int shim_memfd(const char *name) {
    return (int)syscall(SYS_memfd_create, name, 3u /* MFD_CLOEXEC | MFD_ALLOW_SEALING */);
}

static inline int shim_memfd_seal(int descriptor) { return fcntl(descriptor, 1033 /* F_ADD_SEALS */, 15); }

static inline int shim_pipe(int *ends) { return (int)syscall(SYS_pipe2, ends, O_CLOEXEC); }

static inline int shim_nonblocking(int descriptor) {
    return fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK);
}

/// Opens a name below a folder and never outside: no links of any kind, no other file system, no waiting on a FIFO.
static inline int shim_open_beneath(int folder, const char *name, int flags) {
    struct open_how how = {0};
    how.flags = (uint64_t)(flags | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS;
    return (int)syscall(SYS_openat2, folder, name, &how, sizeof how);
}
