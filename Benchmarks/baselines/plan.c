// Baseline: makes the rows of a night's runs in a copy of the same database, by one prepared statement a row, in the
// transactions of the same size. The residents' ids are read before the clock starts.
// usage: plan DATABASE DAY ROWS_A_TRANSACTION
#include "common.h"
#include <sqlite3.h>
#include <string.h>

static sqlite3 *database;

static void execute(const char *sql) {
    char *message = NULL;
    if (sqlite3_exec(database, sql, NULL, NULL, &message) != SQLITE_OK) {
        fprintf(stderr, "%s: %s\n", sql, message);
        exit(1);
    }
}

int main(int argc, char **argv) {
    REQUIRE(argc == 4);
    long chunk = atol(argv[3]), count = 0, room = 1 << 20;
    REQUIRE(sqlite3_open_v2(argv[1], &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK);
    execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000;"
            " PRAGMA recursive_triggers = ON; PRAGMA temp_store ="
            " MEMORY; PRAGMA secure_delete = ON; PRAGMA cell_size_check = ON; PRAGMA foreign_keys = ON");
    unsigned char *residents = malloc(room * 16);
    sqlite3_stmt *all, *insert;
    REQUIRE(sqlite3_prepare_v2(database, "SELECT id FROM community_resident WHERE status = 'active' ORDER BY id", -1,
                               &all, NULL) == SQLITE_OK);
    while (sqlite3_step(all) == SQLITE_ROW) {
        if (count == room) REQUIRE((residents = realloc(residents, (room *= 2) * 16)) != NULL);
        memcpy(residents + 16 * count++, sqlite3_column_blob(all, 0), 16);
    }
    sqlite3_finalize(all);
    REQUIRE(sqlite3_prepare_v3(database, "INSERT INTO run VALUES (?, ?, ?, 'nightly', 'queued', NULL, 0, 0, ?, 0)", -1,
                               SQLITE_PREPARE_PERSISTENT, &insert, NULL) == SQLITE_OK);
    uint64_t wall = nanoseconds(CLOCK_MONOTONIC), cpu = nanoseconds(CLOCK_PROCESS_CPUTIME_ID);
    unsigned char id[40] = {1, 0xA1, 0xFC, 0xB8, 0xFB, 0x13, 0x75, 0xFA, 0x9C};
    for (long first = 0; first < count; first += chunk) {
        execute("BEGIN IMMEDIATE");
        for (long i = first; i < count && i < first + chunk; i++) {
            snprintf((char *)id + 9, 24, "%07ld", i);
            sqlite3_bind_blob(insert, 1, id, 16, SQLITE_STATIC);
            sqlite3_bind_blob(insert, 2, residents + 16 * i, 16, SQLITE_STATIC);
            sqlite3_bind_text(insert, 3, argv[2], -1, SQLITE_STATIC);
            sqlite3_bind_int64(insert, 4, 1795244975215);
            if (sqlite3_step(insert) != SQLITE_DONE) {
                fprintf(stderr, "%s\n", sqlite3_errmsg(database));
                exit(1);
            }
            sqlite3_reset(insert);
        }
        execute("COMMIT");
    }
    printf("%ld %lu %lu\n", count, nanoseconds(CLOCK_MONOTONIC) - wall,
           nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - cpu);
    sqlite3_finalize(insert);
    sqlite3_close(database);
}
