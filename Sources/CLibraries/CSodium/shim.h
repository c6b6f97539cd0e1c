// What the rooms see of libsodium: its headers, and shims for what Swift cannot import.
#pragma once
#include <sodium.h>
#include <sys/prctl.h>

// Provided because prctl is variadic: whether the process may be dumped or traced by its own user.
static inline int shim_set_dumpable(unsigned long value) { return prctl(PR_SET_DUMPABLE, value, 0UL, 0UL, 0UL); }
static inline int shim_get_dumpable(void) { return prctl(PR_GET_DUMPABLE, 0UL, 0UL, 0UL, 0UL); }

// Provided because Swift 6 refuses shared mutable globals: the environment block as the process holds it now.
extern char **environ;
static inline char **shim_environment(void) { return environ; }
