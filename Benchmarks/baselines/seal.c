// Baseline: the file operations of a durable seal and of the sweep behind it, by 16 threads, without any cryptography.
// usage: seal DIRECTORY THREADS SEALS_A_THREAD BYTES
#define _GNU_SOURCE
#include "common.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *home;
static long seals, bytes;

static void flush_directory(const char *path) {
    int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    REQUIRE(directory >= 0 && fsync(directory) == 0);
    close(directory);
}

static void *work(void *argument) {
    long thread = (long)argument;
    char directory[512], spare[600], unfinished[600], name[600], old[600];
    snprintf(directory, sizeof directory, "%s/%02lx", home, thread);
    snprintf(spare, sizeof spare, "%s/%032lx.spare", directory, thread);
    snprintf(unfinished, sizeof unfinished, "%s/%032lx.unfinished", directory, thread);
    char *content = malloc(bytes);
    memset(content, (int)thread + 1, bytes);
    // Names go on where an earlier batch ended.
    long first = 0;
    REQUIRE(mkdir(directory, 0700) == 0 || errno == EEXIST);
    DIR *listing = opendir(directory);
    REQUIRE(listing != NULL);
    for (struct dirent *entry; (entry = readdir(listing)) != NULL;) {
        if (strlen(entry->d_name) > 33 && strstr(entry->d_name, ".blob")) first = atol(entry->d_name + 33);
    }
    closedir(listing);
    for (long i = first; i < first + seals; i++) {
        snprintf(old, sizeof old, "%s/%032lx.%ld.blob", directory, thread, i);
        snprintf(name, sizeof name, "%s/%032lx.%ld.blob", directory, thread, i + 1);
        // Into the spare that the last sweep left, or a new file.
        const char *written = spare;
        int file = open(spare, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
        if (file < 0) {
            REQUIRE(errno == ENOENT);
            written = unfinished;
            file = open(unfinished, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        }
        REQUIRE(file >= 0 && pwrite(file, content, bytes, 0) == bytes);
        REQUIRE(lseek(file, 0, SEEK_END) == bytes || ftruncate(file, bytes) == 0);
        REQUIRE(fdatasync(file) == 0);
        close(file);
        REQUIRE(renameat2(AT_FDCWD, written, AT_FDCWD, name, RENAME_NOREPLACE) == 0);
        flush_directory(directory);
        // The sweep: the start of the older file is overwritten, and the file kept for the next seal.
        file = open(old, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
        if (file < 0) {
            REQUIRE(errno == ENOENT && i == 0);
            continue;
        }
        long end = lseek(file, 0, SEEK_END), start = end < 4096 ? end : 4096;
        REQUIRE(pwrite(file, content, start, 0) == start);
        close(file);
        REQUIRE(rename(old, spare) == 0);
    }
    free(content);
    return NULL;
}

int main(int argc, char **argv) {
    REQUIRE(argc == 5);
    home = argv[1];
    long threads = atol(argv[2]);
    seals = atol(argv[3]);
    bytes = atol(argv[4]);
    pthread_t running[64];
    REQUIRE(threads <= 64);
    uint64_t wall = nanoseconds(CLOCK_MONOTONIC), cpu = nanoseconds(CLOCK_PROCESS_CPUTIME_ID);
    for (long i = 0; i < threads; i++) REQUIRE(pthread_create(&running[i], NULL, work, (void *)i) == 0);
    for (long i = 0; i < threads; i++) pthread_join(running[i], NULL);
    printf("%ld %lu %lu\n", threads * seals, nanoseconds(CLOCK_MONOTONIC) - wall,
           nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - cpu);
}
