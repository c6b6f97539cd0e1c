// Clocks and the end of a failed baseline; every baseline prints one line: work done, wall and CPU nanoseconds.
#pragma once
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static inline uint64_t nanoseconds(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

#define REQUIRE(condition)                                                                          \
    do {                                                                                            \
        if (!(condition)) {                                                                         \
            fprintf(stderr, "%s:%d: %s does not hold: ", __FILE__, __LINE__, #condition);           \
            perror(NULL);                                                                           \
            exit(1);                                                                                \
        }                                                                                           \
    } while (0)
