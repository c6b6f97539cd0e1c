// What the Files room needs of the kernel that Swift's Glibc module does not show.
#pragma once
#include <malloc.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

// Provided because glibc declares renameat2 and RENAME_NOREPLACE (1) under _GNU_SOURCE only, which Swift does not set.
static inline int shim_rename_noreplace(const char *from, const char *to) {
    return (int)syscall(SYS_renameat2, -100 /* AT_FDCWD */, from, -100, to, 1u);
}

// Provided for the same reason; RENAME_EXCHANGE is 2.
static inline int shim_rename_exchange(const char *one, const char *other) {
    return (int)syscall(SYS_renameat2, -100, one, -100, other, 2u);
}

// Provided because ioctl is variadic, which Swift does not import.
static inline int shim_terminal_columns(int descriptor) {
    struct winsize size;
    return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? (int)size.ws_col : 0;
}
