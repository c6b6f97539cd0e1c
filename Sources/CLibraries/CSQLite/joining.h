// A write-ahead log that takes its frames in few writes: SQLite hands each over as a header and a page.
#pragma once
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

// Bytes of a log that wait to be written in one piece, behind what the platform keeps of an open file.
//
// They are written before the log is flushed, measured or cut, and before they are read. So this is for a connection
// that flushes every commit (`synchronous` FULL): until then nothing of a transaction counts, and nobody else reads it.
// And it is for the one connection that writes the file: those of a transaction that was undone may still wait here,
// where another's commit would be.
struct shim_joined_log {
    sqlite3_io_methods methods;
    const sqlite3_io_methods *platform;
    unsigned char *bytes;
    sqlite3_int64 start;
    int count;
};

// The platform's file system, but for how logs are opened.
struct shim_joining_vfs {
    sqlite3_vfs vfs;
    sqlite3_vfs *platform;
};

// SQLite's own files take at most 17 bits of a count in one write.
enum { shim_joined_size = 124 * 1024 };

// Where the platform's part of an open file ends.
static inline int shim_joined_place(const sqlite3_vfs *platform) { return (platform->szOsFile + 15) / 16 * 16; }

// The methods are the first member, and a file knows its methods.
static inline struct shim_joined_log *shim_joined(sqlite3_file *file) {
    return (struct shim_joined_log *)file->pMethods;
}

// What cannot be written stays: SQLite undoes the transaction, or tries again.
static int shim_joined_write_out(struct shim_joined_log *log, sqlite3_file *file) {
    if (log->count == 0) return SQLITE_OK;
    int code = log->platform->xWrite(file, log->bytes, log->count, log->start);
    if (code == SQLITE_OK) log->count = 0;
    return code;
}

static int shim_joined_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
    struct shim_joined_log *log = shim_joined(file);
    if (offset != log->start + log->count || count > shim_joined_size - log->count) {
        int code = shim_joined_write_out(log, file);
        if (code != SQLITE_OK) return code;
        log->start = offset;
    }
    if (log->bytes == NULL) log->bytes = malloc(shim_joined_size);
    if (log->bytes == NULL) return SQLITE_IOERR_NOMEM;
    memcpy(log->bytes + log->count, bytes, count);
    log->count += count;
    return SQLITE_OK;
}

static int shim_joined_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset) {
    struct shim_joined_log *log = shim_joined(file);
    int waits = offset < log->start + log->count && log->start < offset + count;
    int code = waits ? shim_joined_write_out(log, file) : SQLITE_OK;
    return code == SQLITE_OK ? log->platform->xRead(file, bytes, count, offset) : code;
}

static int shim_joined_sync(sqlite3_file *file, int flags) {
    struct shim_joined_log *log = shim_joined(file);
    int code = shim_joined_write_out(log, file);
    if (code == SQLITE_OK) return log->platform->xSync(file, flags);
    log->count = 0;  // SQLite undoes the transaction, whose frames shall not be in the way of the next one's.
    return code;
}

static int shim_joined_size_of(sqlite3_file *file, sqlite3_int64 *size) {
    struct shim_joined_log *log = shim_joined(file);
    int code = shim_joined_write_out(log, file);
    return code == SQLITE_OK ? log->platform->xFileSize(file, size) : code;
}

static int shim_joined_truncate(sqlite3_file *file, sqlite3_int64 size) {
    struct shim_joined_log *log = shim_joined(file);
    if (log->start >= size) log->count = 0;
    int code = shim_joined_write_out(log, file);
    return code == SQLITE_OK ? log->platform->xTruncate(file, size) : code;
}

// What still waits belongs to a transaction that never ended.
static int shim_joined_close(sqlite3_file *file) {
    struct shim_joined_log *log = shim_joined(file);
    const sqlite3_io_methods *platform = log->platform;
    free(log->bytes);
    return platform->xClose(file);
}

static int shim_joining_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *opened) {
    sqlite3_vfs *platform = ((struct shim_joining_vfs *)vfs)->platform;
    int code = platform->xOpen(platform, path, file, flags, opened);
    if (code != SQLITE_OK || !(flags & SQLITE_OPEN_WAL)) return code;
    struct shim_joined_log *log = (struct shim_joined_log *)((char *)file + shim_joined_place(platform));
    *log = (struct shim_joined_log){.methods = *file->pMethods, .platform = file->pMethods};
    log->methods.xWrite = shim_joined_write;
    log->methods.xRead = shim_joined_read;
    log->methods.xSync = shim_joined_sync;
    log->methods.xFileSize = shim_joined_size_of;
    log->methods.xTruncate = shim_joined_truncate;
    log->methods.xClose = shim_joined_close;
    file->pMethods = &log->methods;
    return SQLITE_OK;
}

// The name under which it is registered.
#define shim_sqlite3_joining "joining"

// Registers the file system, once and before its first use.
static inline int shim_sqlite3_register_joining(void) {
    static struct shim_joining_vfs joining;
    sqlite3_vfs *platform = sqlite3_vfs_find(NULL);
    if (platform == NULL) return SQLITE_NOTFOUND;
    joining = (struct shim_joining_vfs){.vfs = *platform, .platform = platform};
    joining.vfs.pNext = NULL;
    joining.vfs.zName = shim_sqlite3_joining;
    joining.vfs.szOsFile = shim_joined_place(platform) + (int)sizeof(struct shim_joined_log);
    joining.vfs.xOpen = shim_joining_open;
    return sqlite3_vfs_register(&joining.vfs, 0);
}
