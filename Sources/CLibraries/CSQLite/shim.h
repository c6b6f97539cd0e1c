// What the rooms see of sqlite3: its headers, and shims for what Swift cannot import.
#pragma once
#include <sqlite3.h>

// Provided because sqlite3_config is variadic: no statistics of memory, which would take a lock for every allocation.
static inline int shim_sqlite3_config_no_memory_statistics(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }

// Provided because sqlite3_db_config is variadic.
static inline int shim_sqlite3_db_config_int(sqlite3 *db, int option, int value) {
    return sqlite3_db_config(db, option, value, (int *)0);
}

// Provided because SQLITE_TRANSIENT is a cast macro: both bind and let SQLite take its own copy of the bytes.
static inline int shim_sqlite3_bind_blob_copy(sqlite3_stmt *statement, int index, const void *bytes, sqlite3_uint64 count) {
    return sqlite3_bind_blob64(statement, index, bytes, count, SQLITE_TRANSIENT);
}
static inline int shim_sqlite3_bind_text_copy(sqlite3_stmt *statement, int index, const char *bytes, sqlite3_uint64 count) {
    return sqlite3_bind_text64(statement, index, bytes, count, SQLITE_TRANSIENT, SQLITE_UTF8);
}
