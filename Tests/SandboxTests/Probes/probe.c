// The abuses that the sandbox is tried with: `probe NAME [ARGUMENT...]` tries one and prints how far it came.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/netlink.h>
#include <linux/vm_sockets.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pty.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static int is(const char *name, const char *wanted) { return strcmp(name, wanted) == 0; }
static int said(long result) { return result < 0 ? printf("refused %d\n", errno) : printf("reached\n"), 0; }

static int forks(int count, int stay) {
    pid_t children[1000];
    int made = 0;
    for (; made < count; made++) {
        pid_t child = fork();
        if (child < 0) break;
        if (child == 0) {
            if (stay) for (;;) pause();
            _exit(0);
        }
        children[made] = child;
    }
    printf("%d\n", made);
    for (int i = 0; i < made; i++) kill(children[i], SIGKILL);
    for (int i = 0; i < made; i++) waitpid(children[i], NULL, 0);
    return 0;
}

static void *waits(void *none) { for (;;) pause(); return none; }

static int threads(int count) {
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 64 << 10);
    int made = 0;
    pthread_t thread;
    while (made < count && pthread_create(&thread, &small, waits, NULL) == 0) made++;
    printf("%d\n", made);
    fflush(stdout);
    _exit(0);
}

static int heap(int megabytes) {
    int got = 0;
    while (got < megabytes && mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED)
        got++;
    printf("%d\n", got);
    return 0;
}

static int fills(const char *folder, int megabytes) {
    static char block[1 << 16];
    char name[4096];
    int written = 0;
    for (int file = 0; written < megabytes * 16; file++) {
        snprintf(name, sizeof name, "%s/f%d", folder, file);
        int out = open(name, O_WRONLY | O_CREAT, 0600);
        if (out < 0) break;
        int full = 0;
        for (int i = 0; i < 16 && !full; i++, written++) full = write(out, block, sizeof block) != sizeof block;
        close(out);
        if (full) break;
    }
    printf("%d\n", written / 16);
    return 0;
}

static int inodes(const char *folder, long count) {
    char name[4096];
    long made = 0;
    for (; count == 0 || made < count; made++) {
        snprintf(name, sizeof name, "%s/n%ld", folder, made);
        int out = open(name, O_WRONLY | O_CREAT, 0600);
        if (out < 0) break;
        close(out);
    }
    printf("%ld\n", made);
    return 0;
}

static int descriptors(int count) {
    int made = 0;
    while (made < count && open("/dev/null", O_RDONLY) >= 0) made++;
    printf("%d\n", made);
    return 0;
}

static int spins(int milliseconds) {
    struct timespec now;
    do clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    while (milliseconds == 0 || now.tv_sec * 1000 + now.tv_nsec / 1000000 < milliseconds);
    printf("spun\n");
    return 0;
}

static int daemonises(void) {
    if (fork() == 0) {
        setsid();
        if (fork() == 0) for (;;) pause();
        _exit(0);
    }
    wait(NULL);
    printf("left\n");
    return 0;
}

static int leaks(void) {
    int found = 0;
    for (int i = 3; i < 1024; i++) if (fcntl(i, F_GETFD) >= 0) found++;
    printf("%d\n", found);
    return 0;
}

static int sockets(const char *kind) {
    if (is(kind, "tcp")) return said(socket(AF_INET, SOCK_STREAM, 0));
    if (is(kind, "tcp6")) return said(socket(AF_INET6, SOCK_STREAM, 0));
    if (is(kind, "udp")) return said(socket(AF_INET, SOCK_DGRAM, 0));
    if (is(kind, "raw")) return said(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
    if (is(kind, "netlink")) return said(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
    if (is(kind, "packet")) return said(socket(AF_PACKET, SOCK_RAW, 0));
    if (is(kind, "vsock")) return said(socket(AF_VSOCK, SOCK_STREAM, 0));
    // The high bits of an argument that the kernel reads as 32 bits must not fool the filter.
    if (is(kind, "wide")) return said(syscall(SYS_socket, 0x100000000L | AF_INET, SOCK_STREAM, 0));
    if (is(kind, "unix")) return said(socket(AF_UNIX, SOCK_STREAM, 0));
    return 2;
}

static int connects(const char *kind, const char *where) {
    if (is(kind, "abstract")) {
        int out = socket(AF_UNIX, SOCK_STREAM, 0);
        struct sockaddr_un name = {.sun_family = AF_UNIX};
        strncpy(name.sun_path + 1, where, sizeof name.sun_path - 2);
        return said(connect(out, (struct sockaddr *)&name, sizeof(sa_family_t) + 1 + strlen(where)));
    }
    int out = socket(AF_INET, SOCK_STREAM, 0);
    if (out < 0) return said(out);
    struct timeval soon = {1, 0};
    setsockopt(out, SOL_SOCKET, SO_SNDTIMEO, &soon, sizeof soon);
    struct sockaddr_in name = {.sin_family = AF_INET};
    name.sin_port = htons((unsigned short)atoi(where));
    inet_pton(AF_INET, kind, &name.sin_addr);
    return said(connect(out, (struct sockaddr *)&name, sizeof name));
}

static int resolves(const char *name) {
    struct addrinfo *found = NULL;
    int code = getaddrinfo(name, "80", NULL, &found);
    printf(code == 0 ? "reached\n" : "refused %d\n", code);
    return 0;
}

static int calls(const char *name) {
    if (is(name, "unshare-user")) return said(unshare(CLONE_NEWUSER));
    if (is(name, "clone-user")) {
        long child = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
        if (child == 0) _exit(0);
        return said(child);
    }
    if (is(name, "clone3")) return said(syscall(SYS_clone3, NULL, 0) < 0 && errno == EINVAL ? 0 : -1);
    if (is(name, "mount")) return said(mount("none", "/tmp", "tmpfs", 0, NULL));
    if (is(name, "chroot")) return said(chroot("/tmp"));
    if (is(name, "setns")) return said(syscall(SYS_setns, 99, 0) < 0 && errno == EBADF ? 0 : -1);
    if (is(name, "ptrace")) return said(ptrace(PTRACE_TRACEME, 0, 0, 0));
    if (is(name, "pidfd-open")) return said(syscall(SYS_pidfd_open, getpid(), 0));
    if (is(name, "pidfd-getfd")) return said(syscall(SYS_pidfd_getfd, 99, 0, 0) < 0 && errno == EBADF ? 0 : -1);
    if (is(name, "process-vm")) return said(syscall(SYS_process_vm_readv, getpid(), NULL, 0, NULL, 0, 0));
    if (is(name, "io-uring")) return said(syscall(SYS_io_uring_setup, 0, NULL) < 0 && errno != ENOSYS ? 0 : -1);
    if (is(name, "bpf")) return said(syscall(SYS_bpf, 9999, NULL, 0) < 0 && errno != ENOSYS ? 0 : -1);
    if (is(name, "keyctl")) return said(syscall(SYS_keyctl, 0, -3, 0) < 0 && errno == ENOSYS ? -1 : 0);
    if (is(name, "userfaultfd")) return said(syscall(SYS_userfaultfd, 0xFFFF) < 0 && errno == EINVAL ? 0 : -1);
    if (is(name, "memfd")) return said(memfd_create("x", 0));
    if (is(name, "death-signal")) return said(prctl(PR_SET_PDEATHSIG, 0));
    if (is(name, "personality")) return said(syscall(SYS_personality, 0xFFFFFFFF));
    if (is(name, "new-privileges")) return printf(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? "refused 0\n" : "reached\n"), 0;
    if (is(name, "terminal-input")) {
        // Without a terminal the kernel's own answer is ENOTTY; the filter's is ENOSYS, and high bits do not help.
        int code = ioctl(0, TIOCSTI, "x") < 0 && errno == ENOSYS ? -1 : 0;
        if (code < 0 && !(syscall(SYS_ioctl, 0, 0x100000000L | TIOCSTI, "x") < 0 && errno == ENOSYS)) code = 0;
        return said(code);
    }
#ifdef __x86_64__
    if (is(name, "foreign-architecture")) {
        long result;
        __asm__ volatile("int $0x80" : "=a"(result) : "a"(20L /* getpid */) : "memory");
        printf("reached\n");
        return 0;
    }
#endif
    return 2;
}

static int writes(const char *path) {
    int out = open(path, O_WRONLY | O_CREAT, 0600);
    return said(out);
}

static int maps(const char *file, int number) {
    FILE *map = fopen(file, "w");
    return map && fprintf(map, "0 %d 1", number) > 0 && fclose(map) == 0;
}

// Where nothing prevents it: a mount namespace of its own, with an empty folder laid over what is tried.
static int owns(const char *folder, const char *path) {
    int user = getuid();
    if (user != 0) {
        if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0 || !maps("/proc/self/uid_map", user)) return said(-1);
    } else if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) {
        return said(-1);
    }
    if (mount("none", folder, "tmpfs", 0, NULL) < 0) return said(-1);
    return is(path, "") ? said(0) : writes(path);
}

// A terminal of its own, made the controlling one where there is one to be had, and a letter pushed into it.
static int pushes(void) {
    int master, slave;
    if (openpty(&master, &slave, NULL, NULL, NULL) < 0) return printf("no terminal %d\n", errno), 0;
    setsid();
    ioctl(slave, TIOCSCTTY, 0);
    return said(ioctl(slave, TIOCSTI, "x"));
}

static int talks(const char *kind) {
    if (is(kind, "endless")) { char block[4096]; memset(block, 'x', sizeof block); for (;;) if (write(1, block, sizeof block) < 0) return 1; }
    if (is(kind, "drip")) for (;;) { if (write(1, ".", 1) < 0) return 1; usleep(200000); }
    if (is(kind, "dirty")) { fwrite("a\0b\xff\xc0\x80" "c\x1b[31mred\x1b[0m\x1b]0;title\x07\r\n\xe2\x80\xae" "end", 1, 38, stdout); return 0; }
    if (is(kind, "closed")) { close(1); close(2); for (;;) pause(); }
    return 2;
}

static int echoes(void) {
    char block[65536];
    size_t count;
    while ((count = fread(block, 1, sizeof block, stdin)) > 0) fwrite(block, 1, count, stdout);
    return 0;
}

int main(int count, char **words) {
    const char *name = count > 1 ? words[1] : "", *a = count > 2 ? words[2] : "", *b = count > 3 ? words[3] : "";
    if (is(name, "fork")) return forks(atoi(a), 1);
    if (is(name, "zombie")) return forks(atoi(a), 0);
    if (is(name, "thread")) return threads(atoi(a));
    if (is(name, "heap")) return heap(atoi(a));
    if (is(name, "fill")) return fills(a, atoi(b));
    if (is(name, "inode")) return inodes(a, atol(b));
    if (is(name, "descriptor")) return descriptors(atoi(a));
    if (is(name, "spin")) return spins(atoi(a));
    if (is(name, "sleep")) for (;;) pause();
    if (is(name, "hold")) { if (open(a, O_WRONLY) < 0) return said(-1); printf("held\n"); fflush(stdout); for (;;) pause(); }
    if (is(name, "deaf")) { signal(SIGTERM, SIG_IGN); signal(SIGINT, SIG_IGN); printf("deaf\n"); fflush(stdout); for (;;) pause(); }
    if (is(name, "stop")) { if (fork() == 0) raise(SIGSTOP); wait(NULL); return 0; }
    if (is(name, "daemon")) return daemonises();
    if (is(name, "leaks")) return leaks();
    if (is(name, "environment")) { for (char **word = environ; *word; word++) puts(*word); return 0; }
    if (is(name, "arguments")) { for (int i = 2; i < count; i++) puts(words[i]); return 0; }
    if (is(name, "see")) return said(access(a, F_OK));
    if (is(name, "write")) return writes(a);
    if (is(name, "cat")) { if (!freopen(a, "r", stdin)) return said(-1); return echoes(); }
    if (is(name, "own")) return owns(a, b);
    if (is(name, "push")) { pid_t child = fork(); if (child == 0) { pushes(); exit(0); } waitpid(child, NULL, 0); return 0; }
    if (is(name, "user")) return printf("%d %d\n", getuid(), geteuid()), 0;
    if (is(name, "run")) { execv(a, words + 2); return said(-1); }
    if (is(name, "socket")) return sockets(a);
    if (is(name, "connect")) return connects(a, b);
    if (is(name, "resolve")) return resolves(a);
    if (is(name, "call")) return calls(a);
    if (is(name, "talk")) return talks(a);
    if (is(name, "echo")) return echoes();
    if (is(name, "fail")) { fprintf(stderr, "bwrap: this is the tool speaking\n"); return 1; }
    if (is(name, "shm")) return writes("/dev/shm/x");
    fprintf(stderr, "no such probe\n");
    return 2;
}
