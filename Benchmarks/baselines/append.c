// Baseline: appends spans of the same form to a copy of the same ledger file, with hash, signature, head and commit.
// The hash is libsodium's BLAKE2b, since no C library of BLAKE3 is packaged; it is a thirtieth of a span's time.
// usage: append DATABASE HEAD GROUPS SPANS_A_GROUP
#define _GNU_SOURCE
#include "common.h"
#include <fcntl.h>
#include <sodium.h>
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

static sqlite3 *database;
static unsigned char public_key[32], secret_key[64], previous[32];

static void execute(const char *sql) {
    char *message = NULL;
    if (sqlite3_exec(database, sql, NULL, NULL, &message) != SQLITE_OK) {
        fprintf(stderr, "%s: %s\n", sql, message);
        exit(1);
    }
}

static void identifier(char *text, const unsigned char *bytes) {
    sprintf(text, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", bytes[0], bytes[1], bytes[2],
            bytes[3], bytes[4], bytes[5], bytes[6], bytes[7], bytes[8], bytes[9], bytes[10], bytes[11], bytes[12],
            bytes[13], bytes[14], bytes[15]);
}

/// The canonical text of a run's claim; without `hash` and `signature` it is what is hashed.
static int claim(char *text, size_t room, long position, const char *id, const char *trace, const char *hash,
                 const char *signature) {
    char before[65];
    sodium_bin2hex(before, sizeof before, previous, 32);
    return snprintf(
        text, room,
        "{\"at\":\"2026-11-21T05:00:00.000Z\"%s%s%s,\"did\":\"claimed\",\"entity_type\":\"run.claimed\",\"id\":\"%s\","
        "\"idempotency_key\":\"manual:%s:0192aaaa-bbbb-7ccc-8ddd-eeeeffff0000\",\"key\":\"0123abcd\","
        "\"ledger\":\"bench.local/ledger\",\"metadata\":{\"occurrence\":\"%s\",\"trigger\":\"manual\"},"
        "\"position\":%ld,\"prev_hash\":\"blake3:%s\",\"seq\":0%s%s%s,"
        "\"this\":\"0192aaaa-bbbb-7ccc-8ddd-eeeeffff0000\",\"trace_id\":\"%s\",\"v\":1,\"visibility\":\"private\","
        "\"who\":\"scheduler\"}",
        hash ? ",\"curr_hash\":\"blake3:" : "", hash ? hash : "", hash ? "\"" : "", id, trace, trace, position, before,
        signature ? ",\"signature\":\"ed25519:" : "", signature ? signature : "", signature ? "\"" : "", trace);
}

/// The canonical text of a provider's call.
static int call(char *text, size_t room, long position, const char *id, const char *trace, const char *hash,
                const char *signature) {
    char before[65];
    sodium_bin2hex(before, sizeof before, previous, 32);
    return snprintf(
        text, room,
        "{\"at\":\"2026-11-21T05:00:00.000Z\"%s%s%s,\"did\":\"called\",\"entity_type\":\"provider.called\","
        "\"id\":\"%s\",\"key\":\"0123abcd\",\"ledger\":\"bench.local/ledger\",\"metadata\":{\"attempt\":1,"
        "\"cacheRead\":0,\"cacheWrite\":0,\"costPicoUSD\":123456,\"digest\":\"hmac-sha512:"
        "1111111111111111111111111111111111111111111111111111111111111111\",\"house\":900,\"input\":16000,"
        "\"model\":\"bench-model\",\"ms\":12,\"output\":200,\"provider\":\"bench\",\"round\":1,\"stop\":\"end_turn\"},"
        "\"position\":%ld,\"prev_hash\":\"blake3:%s\",\"seq\":0%s%s%s,"
        "\"this\":\"0192aaaa-bbbb-7ccc-8ddd-eeeeffff0000\",\"trace_id\":\"%s\",\"v\":1,\"visibility\":\"private\","
        "\"who\":\"engine\"}",
        hash ? ",\"curr_hash\":\"blake3:" : "", hash ? hash : "", hash ? "\"" : "", id, position, before,
        signature ? ",\"signature\":\"ed25519:" : "", signature ? signature : "", signature ? "\"" : "", trace);
}

static void write_head(const char *path, long size) {
    char line[512], hash[65], mark[129];
    unsigned char signature[64];
    sodium_bin2hex(hash, sizeof hash, previous, 32);
    int count = snprintf(line, sizeof line, "{\"hash\":\"blake3:%s\",\"size\":%ld}", hash, size);
    crypto_sign_detached(signature, NULL, (unsigned char *)line, count, secret_key);
    sodium_bin2hex(mark, sizeof mark, signature, 64);
    count = snprintf(line, sizeof line, "{\"hash\":\"blake3:%s\",\"signature\":\"%s\",\"size\":%ld}\n", hash, mark, size);
    execute("COMMIT");
    // Written over in place, after the commit that it vouches for.
    static int file = -1;
    if (file < 0) file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    REQUIRE(file >= 0 && pwrite(file, line, count, 0) == count);
}

int main(int argc, char **argv) {
    REQUIRE(argc == 5 && sodium_init() >= 0);
    long groups = atol(argv[3]), size = atol(argv[4]);
    REQUIRE(sqlite3_open_v2(argv[1], &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK);
    execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000;"
            " PRAGMA recursive_triggers = ON;"
            "PRAGMA secure_delete = ON; PRAGMA cell_size_check = ON; PRAGMA foreign_keys = ON");
    crypto_sign_keypair(public_key, secret_key);
    sqlite3_stmt *insert, *last;
    sqlite3_prepare_v3(database, "SELECT max(position) + 1 FROM span", -1, 0, &last, NULL);
    REQUIRE(sqlite3_step(last) == SQLITE_ROW);
    long position = sqlite3_column_int64(last, 0);
    sqlite3_finalize(last);
    sqlite3_prepare_v3(database,
                       "INSERT OR FAIL INTO span (position, id, seq, entity_type, subject, trace_id, idempotency_key, bytes) "
                       "VALUES (?, ?, 0, ?, '0192aaaa-bbbb-7ccc-8ddd-eeeeffff0000', ?, ?, ?)",
                       -1, SQLITE_PREPARE_PERSISTENT, &insert, NULL);
    REQUIRE(insert != NULL);
    unsigned char id[16], trace[16], hash[32], signature[64], message[64];
    char id_text[40], trace_text[40], text[2048], key[100], hash_text[65], signature_text[129];
    memcpy(message, "sanctuary/span/v1", 18);
    uint64_t wall = nanoseconds(CLOCK_MONOTONIC), cpu = nanoseconds(CLOCK_PROCESS_CPUTIME_ID);
    int length = 0;
    for (long group = 0; group < groups; group++) {
        execute("BEGIN IMMEDIATE");
        for (long i = 0; i < size; i++, position++) {
            // Identifiers of version 7 rise with time, which is what the index sees.
            uint64_t now = nanoseconds(CLOCK_REALTIME);
            randombytes_buf(id, sizeof id);
            for (int byte = 0; byte < 8; byte++) id[byte] = now >> (56 - 8 * byte);
            int is_claim = i % 12 == 0;
            if (is_claim) memcpy(trace, id, 16);
            identifier(id_text, id);
            identifier(trace_text, trace);
            snprintf(key, sizeof key, "manual:%s:0192aaaa-bbbb-7ccc-8ddd-eeeeffff0000", trace_text);
            length = (is_claim ? claim : call)(text, sizeof text, position, id_text, trace_text, NULL, NULL);
            crypto_generichash(hash, 32, (unsigned char *)text, length, NULL, 0);
            memcpy(message + 18, hash, 32);
            crypto_sign_detached(signature, NULL, message, 50, secret_key);
            sodium_bin2hex(hash_text, sizeof hash_text, hash, 32);
            sodium_bin2hex(signature_text, sizeof signature_text, signature, 64);
            length = (is_claim ? claim : call)(text, sizeof text, position, id_text, trace_text, hash_text, signature_text);
            memcpy(previous, hash, 32);
            sqlite3_bind_int64(insert, 1, position);
            sqlite3_bind_blob(insert, 2, id, 16, SQLITE_STATIC);
            sqlite3_bind_text(insert, 3, is_claim ? "run.claimed" : "provider.called", -1, SQLITE_STATIC);
            sqlite3_bind_blob(insert, 4, trace, 16, SQLITE_STATIC);
            if (is_claim) sqlite3_bind_text(insert, 5, key, -1, SQLITE_STATIC);
            else sqlite3_bind_null(insert, 5);
            sqlite3_bind_blob(insert, 6, text, length, SQLITE_STATIC);
            if (sqlite3_step(insert) != SQLITE_DONE) {
                fprintf(stderr, "%s\n", sqlite3_errmsg(database));
                exit(1);
            }
            sqlite3_reset(insert);
        }
        write_head(argv[2], position);
    }
    printf("%ld %lu %lu\n", groups * size, nanoseconds(CLOCK_MONOTONIC) - wall,
           nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - cpu);
    sqlite3_finalize(insert);
    sqlite3_close(database);
}
