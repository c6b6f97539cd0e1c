// Baseline: what a night's runs do to files and to SQLite, and nothing else: no cryptography, no JSON, no requests.
// It plays the runs of a night again that the program has played: the same rows, with the same bytes, go into a copy of
// the database as it was before that night, in the same transactions; blobs of the same size are read and sealed. As
// in the program, one thread writes, and what waits meanwhile shares a commit.
// With `ciphers` it also opens, digests and seals as many bytes, and signs as often, as the format asks of a run.
// usage: floor BEFORE.sqlite AFTER.sqlite FOLDER AT_ONCE BLOB_BYTES [ciphers]
#define _GNU_SOURCE
#include "common.h"
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <pthread.h>
#include <sodium.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_SPANS = 32 };

typedef struct { unsigned char id[16]; char *type, *subject, *key; char *bytes, *sealed; int size, sealed_size; } Span;
typedef struct { unsigned char id[16], resident[16]; Span spans[MOST_SPANS]; int count; } Run;
// One request to the writer: spans of a run, journal rows, and what becomes of the run's row.
typedef struct Request {
    Run *run;
    int first, end, journal, kind, done;
    struct Request *next;
} Request;
enum { CLAIM, STEP, COMMIT };

static Run *runs;
static long run_count, next_run;
static char folder[400], occurrence[40], *blob, *journal_body;
static long blob_bytes;
static sqlite3 *database;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wanted = PTHREAD_COND_INITIALIZER, answered = PTHREAD_COND_INITIALIZER;
static Request *waiting, **waiting_end = &waiting;
static int is_over, has_ciphers;
static unsigned char public_key[crypto_sign_PUBLICKEYBYTES], secret_key[crypto_sign_SECRETKEYBYTES];
// What the journal's steps take, sealed: an intent, a reply with its calls, a result.
enum { JOURNAL_BYTES = 700 };

static void execute(const char *sql) {
    char *message = NULL;
    if (sqlite3_exec(database, sql, NULL, NULL, &message) != SQLITE_OK) {
        fprintf(stderr, "%s: %s\n", sql, message);
        exit(1);
    }
}

static sqlite3_stmt *prepare(sqlite3 *connection, const char *sql) {
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v3(connection, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) != SQLITE_OK) {
        fprintf(stderr, "%s: %s\n", sql, sqlite3_errmsg(connection));
        exit(1);
    }
    return statement;
}

static void finish(sqlite3_stmt *statement) {
    if (sqlite3_step(statement) != SQLITE_DONE) {
        fprintf(stderr, "%s: %s\n", sqlite3_sql(statement), sqlite3_errmsg(database));
        exit(1);
    }
    sqlite3_reset(statement);
}

static char *copied(sqlite3_stmt *statement, int column, int *size) {
    int count = sqlite3_column_bytes(statement, column);
    const void *bytes = sqlite3_column_blob(statement, column);
    if (bytes == NULL) return NULL;
    char *copy = malloc(count + 1);
    memcpy(copy, bytes, count);
    copy[count] = 0;
    if (size) *size = count;
    return copy;
}

// The night's runs, from the database in which it was played: the spans of each by its trace.
static void load(const char *path) {
    sqlite3 *played;
    REQUIRE(sqlite3_open_v2(path, &played, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK);
    sqlite3_stmt *night = prepare(played, "SELECT id, resident, occurrence FROM run WHERE state = 'done' AND occurrence ="
                                          " (SELECT max(occurrence) FROM run WHERE length(occurrence) = 10)");
    sqlite3_stmt *spans = prepare(
        played, "SELECT s.id, s.entity_type, s.subject, s.idempotency_key, s.bytes, p.ciphertext FROM span s LEFT JOIN "
                "sealed_payload p ON p.position = s.position WHERE trace_id = ? ORDER BY s.position");
    runs = calloc(100000, sizeof *runs);
    while (sqlite3_step(night) == SQLITE_ROW && run_count < 100000) {
        Run *run = &runs[run_count++];
        memcpy(run->id, sqlite3_column_blob(night, 0), 16);
        memcpy(run->resident, sqlite3_column_blob(night, 1), 16);
        snprintf(occurrence, sizeof occurrence, "%s", sqlite3_column_text(night, 2));
        sqlite3_bind_blob(spans, 1, run->id, 16, SQLITE_STATIC);
        while (sqlite3_step(spans) == SQLITE_ROW) {
            REQUIRE(run->count < MOST_SPANS);
            Span *span = &run->spans[run->count++];
            memcpy(span->id, sqlite3_column_blob(spans, 0), 16);
            span->type = copied(spans, 1, NULL);
            span->subject = copied(spans, 2, NULL);
            span->key = copied(spans, 3, NULL);
            span->bytes = copied(spans, 4, &span->size);
            span->sealed = copied(spans, 5, &span->sealed_size);
        }
        sqlite3_reset(spans);
    }
    sqlite3_finalize(night);
    sqlite3_finalize(spans);
    sqlite3_close(played);
    REQUIRE(run_count > 0);
}

// The hash of a span's bytes, and the signature of the hash.
static void sign(const char *bytes, int size, unsigned char *signature) {
    unsigned char hash[32];
    if (!has_ciphers) return;
    crypto_generichash(hash, sizeof hash, (const unsigned char *)bytes, size, NULL, 0);
    REQUIRE(crypto_sign_detached(signature, NULL, hash, sizeof hash, secret_key) == 0);
}

// What a run opens, verifies, digests and seals: its blob, the last span, the request, the next blob.
static void encipher(char *room) {
    static __thread unsigned char *sealed;
    unsigned char tag[64], signature[crypto_sign_BYTES];
    unsigned int tag_bytes = sizeof tag;
    int written;
    if (!has_ciphers) return;
    if (!sealed) sealed = malloc(blob_bytes + 16);
    for (int seal = 0; seal < 2; seal++) {
        EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
        REQUIRE(EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), NULL, secret_key, public_key) == 1);
        REQUIRE(EVP_EncryptUpdate(context, sealed, &written, (unsigned char *)room, (int)blob_bytes) == 1);
        EVP_CIPHER_CTX_free(context);
    }
    REQUIRE(HMAC(EVP_sha512(), secret_key, 32, (unsigned char *)room, blob_bytes, tag, &tag_bytes) != NULL);
    sign(room, 700, signature);
    crypto_generichash(tag, 32, (unsigned char *)room, 700, NULL, 0);
    REQUIRE(crypto_sign_verify_detached(signature, tag, 32, public_key) == 0);
}

static void write_head(void) {
    static int file = -1;
    if (file < 0) {
        char path[500];
        snprintf(path, sizeof path, "%s/ledger.head", folder);
        file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    }
    unsigned char signature[crypto_sign_BYTES];
    sign(blob, 48, signature);
    REQUIRE(file >= 0 && pwrite(file, blob, 220, 0) == 220);
}

static struct { sqlite3_stmt *span, *payload, *claim, *step, *end, *drop, *post, *resident; } put;

static void prepare_statements(void) {
    put.span = prepare(database, "INSERT OR FAIL INTO span (position, id, seq, entity_type, subject, trace_id, idempotency_key, "
                                 "bytes) VALUES (?, ?, 0, ?, ?, ?, ?, ?)");
    put.payload = prepare(database, "INSERT OR FAIL INTO sealed_payload VALUES (?, 0, ?, ?)");
    // A night that was planned has its rows; else they come with the claim.
    put.claim = prepare(database, "INSERT INTO run (id, resident, occurrence, trigger, state, epoch, deaths, claimed_at, "
                                  "spent) VALUES (?, ?, ?, 'nightly', 'running', 1, 0, 1, 0)");
    put.step = prepare(database, "INSERT INTO journal SELECT id, ?, 'model.result/1/1', ? FROM run WHERE id = ? AND "
                                 "epoch = 1 AND state = 'running'");
    put.end = prepare(database, "UPDATE run SET state = 'done' WHERE id = ? AND epoch = 1 AND state = 'running'");
    put.drop = prepare(database, "DELETE FROM journal WHERE run = ?");
    put.post = prepare(database, "INSERT INTO community_post (position, id, resident, at, text, rehearsed) "
                                 "VALUES (?, ?, ?, ?, 'A quiet evening by the window, and rain over the harbour. I "
                                 "counted the boats.', 0)");
    put.resident = prepare(database, "UPDATE community_resident SET generation = generation + 1, runs = runs + 1, balance "
                                     "= 1, settled_at = 1, last_outcome = 'done', last_run = 1 WHERE id = ?");
}

static long position;

static void insert(Run *run, Span *span) {
    unsigned char signature[crypto_sign_BYTES];
    sign(span->bytes, span->size, signature);
    sqlite3_bind_int64(put.span, 1, position);
    sqlite3_bind_blob(put.span, 2, span->id, 16, SQLITE_STATIC);
    sqlite3_bind_text(put.span, 3, span->type, -1, SQLITE_STATIC);
    sqlite3_bind_text(put.span, 4, span->subject, -1, SQLITE_STATIC);
    sqlite3_bind_blob(put.span, 5, run->id, 16, SQLITE_STATIC);
    if (span->key) sqlite3_bind_text(put.span, 6, span->key, -1, SQLITE_STATIC);
    else sqlite3_bind_null(put.span, 6);
    sqlite3_bind_blob(put.span, 7, span->bytes, span->size, SQLITE_STATIC);
    finish(put.span);
    if (span->sealed) {
        sqlite3_bind_blob(put.payload, 1, span->id, 16, SQLITE_STATIC);
        sqlite3_bind_blob(put.payload, 2, span->sealed, span->sealed_size, SQLITE_STATIC);
        sqlite3_bind_int64(put.payload, 3, position);
        finish(put.payload);
    }
    if (strcmp(span->type, "post") == 0) {
        sqlite3_bind_int64(put.post, 1, position);
        sqlite3_bind_blob(put.post, 2, span->id, 16, SQLITE_STATIC);
        sqlite3_bind_blob(put.post, 3, run->resident, 16, SQLITE_STATIC);
        sqlite3_bind_int64(put.post, 4, position);
        finish(put.post);
    }
    position++;
}

static void perform(Request *request) {
    Run *run = request->run;
    static int step;
    if (request->kind == CLAIM) {
        sqlite3_bind_blob(put.claim, 1, run->id, 16, SQLITE_STATIC);
        sqlite3_bind_blob(put.claim, 2, run->resident, 16, SQLITE_STATIC);
        sqlite3_bind_text(put.claim, 3, occurrence, -1, SQLITE_STATIC);
        finish(put.claim);
    }
    for (int i = 0; i < request->journal; i++) {
        sqlite3_bind_int(put.step, 1, step++);
        sqlite3_bind_blob(put.step, 2, journal_body, JOURNAL_BYTES, SQLITE_STATIC);
        sqlite3_bind_blob(put.step, 3, run->id, 16, SQLITE_STATIC);
        finish(put.step);
    }
    for (int i = request->first; i < request->end; i++) insert(run, &run->spans[i]);
    if (request->kind == COMMIT) {
        sqlite3_bind_blob(put.end, 1, run->id, 16, SQLITE_STATIC);
        finish(put.end);
        sqlite3_bind_blob(put.drop, 1, run->id, 16, SQLITE_STATIC);
        finish(put.drop);
        sqlite3_bind_blob(put.resident, 1, run->resident, 16, SQLITE_STATIC);
        finish(put.resident);
    }
}

static void *write_groups(void *unused) {
    for (;;) {
        pthread_mutex_lock(&lock);
        while (waiting == NULL && !is_over) pthread_cond_wait(&wanted, &lock);
        Request *group = waiting;
        waiting = NULL;
        waiting_end = &waiting;
        pthread_mutex_unlock(&lock);
        if (group == NULL) return unused;
        long before = position;
        execute("BEGIN IMMEDIATE");
        for (Request *request = group; request; request = request->next) perform(request);
        execute("COMMIT");
        if (position != before) write_head();
        pthread_mutex_lock(&lock);
        for (Request *request = group; request;) {
            Request *next = request->next;
            request->done = 1;
            request = next;
        }
        pthread_cond_broadcast(&answered);
        pthread_mutex_unlock(&lock);
    }
}

static void durable(Run *run, int first, int end, int journal, int kind) {
    Request request = {run, first, end, journal, kind, 0, NULL};
    pthread_mutex_lock(&lock);
    *waiting_end = &request;
    waiting_end = &request.next;
    pthread_cond_signal(&wanted);
    while (!request.done) pthread_cond_wait(&answered, &lock);
    pthread_mutex_unlock(&lock);
}

static void name_blob(char *path, const char *directory, Run *run, const char *ending) {
    int at = sprintf(path, "%s/", directory);
    for (int i = 0; i < 16; i++) at += sprintf(path + at, "%02x", run->resident[i]);
    sprintf(path + at, ".%s", ending);
}

static void read_blob(const char *path, char *into) {
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    struct stat status;
    REQUIRE(file >= 0 && fstat(file, &status) == 0 && pread(file, into, blob_bytes, 0) == blob_bytes);
    close(file);
}

static void flush_directory(const char *path) {
    int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    REQUIRE(directory >= 0 && fsync(directory) == 0);
    close(directory);
}

// The older generation's start is overwritten, and the file kept for the next seal.
static void sweep(const char *old, const char *spare) {
    int file = open(old, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    REQUIRE(file >= 0 && lseek(file, 0, SEEK_END) >= 4096 && pwrite(file, blob, 4096, 0) == 4096);
    close(file);
    REQUIRE(rename(old, spare) == 0);
}

static void play(Run *run, char *room) {
    char directory[500], old[600], unfinished[600], fresh[600], spare[600];
    snprintf(directory, sizeof directory, "%s/%02x", folder, run->resident[15]);
    name_blob(old, directory, run, "0.blob");
    name_blob(fresh, directory, run, "1.blob");
    name_blob(spare, directory, run, "spare");
    name_blob(unfinished, directory, run, "unfinished");
    // The spans come in the order of the life of a run. Each reply is a step of its own; its calls go with the intent of
    // the next request.
    int at = 0, end = 0;
    while (end < run->count && strcmp(run->spans[end].type, "context.composed") != 0) end++;
    durable(run, at, end, 0, CLAIM);
    read_blob(old, room);
    encipher(room);
    at = end;
    durable(run, at, at, 1, STEP);
    for (int tools = 1; tools > 0; at = end) {
        while (end < run->count && strcmp(run->spans[end].type, "provider.called") != 0) end++;
        REQUIRE(end++ < run->count);
        for (tools = 0; end < run->count && strncmp(run->spans[end].type, "tool.", 5) == 0; end++) tools++;
        durable(run, at, end - tools, 1, STEP);
        if (tools > 0) durable(run, end - tools, end, tools + 1, STEP);
    }
    read_blob(old, room);
    // Into the spare that the last sweep left, or a new file.
    const char *written = spare;
    int file = open(spare, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0) {
        REQUIRE(errno == ENOENT);
        written = unfinished;
        file = open(unfinished, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    }
    REQUIRE(file >= 0 && pwrite(file, room, blob_bytes, 0) == blob_bytes);
    REQUIRE(lseek(file, 0, SEEK_END) == blob_bytes || ftruncate(file, blob_bytes) == 0);
    REQUIRE(fdatasync(file) == 0);
    close(file);
    REQUIRE(renameat2(AT_FDCWD, written, AT_FDCWD, fresh, RENAME_NOREPLACE) == 0);
    flush_directory(directory);
    durable(run, at, run->count, 0, COMMIT);
    sweep(old, spare);
}

static void *work(void *unused) {
    char *room = malloc(blob_bytes);
    for (;;) {
        long mine = __atomic_fetch_add(&next_run, 1, __ATOMIC_RELAXED);
        if (mine >= run_count) break;
        play(&runs[mine], room);
    }
    free(room);
    return unused;
}

static void lay_out(void) {
    char directory[500], path[600];
    for (long i = 0; i < run_count; i++) {
        snprintf(directory, sizeof directory, "%s/%02x", folder, runs[i].resident[15]);
        REQUIRE(mkdir(directory, 0700) == 0 || errno == EEXIST);
        for (int spare = 0; spare < 2; spare++) {
            name_blob(path, directory, &runs[i], spare ? "spare" : "0.blob");
            int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
            REQUIRE(file >= 0 && write(file, blob, blob_bytes) == blob_bytes);
            close(file);
        }
    }
    sync();
}

int main(int argc, char **argv) {
    REQUIRE(argc == 6 || (argc == 7 && strcmp(argv[6], "ciphers") == 0));
    has_ciphers = argc == 7;
    REQUIRE(sodium_init() >= 0 && crypto_sign_keypair(public_key, secret_key) == 0);
    snprintf(folder, sizeof folder, "%s", argv[3]);
    long threads = atol(argv[4]);
    blob_bytes = atol(argv[5]);
    REQUIRE(threads > 0 && threads <= 256 && blob_bytes >= 4096);
    blob = malloc(blob_bytes);
    journal_body = malloc(JOURNAL_BYTES);
    // No file system may find anything to save in it.
    for (long i = 0; i < blob_bytes; i++) blob[i] = (char)((i * 2654435761u) >> 13);
    memcpy(journal_body, blob, JOURNAL_BYTES);
    load(argv[2]);
    lay_out();
    REQUIRE(sqlite3_open_v2(argv[1], &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK);
    execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000;"
            " PRAGMA recursive_triggers = ON; PRAGMA temp_store ="
            " MEMORY; PRAGMA secure_delete = ON; PRAGMA cell_size_check = ON; PRAGMA foreign_keys = ON");
    sqlite3_stmt *last = prepare(database, "SELECT max(position) + 1 FROM span");
    REQUIRE(sqlite3_step(last) == SQLITE_ROW);
    position = sqlite3_column_int64(last, 0);
    sqlite3_finalize(last);
    prepare_statements();
    pthread_t writer, workers[256];
    uint64_t wall = nanoseconds(CLOCK_MONOTONIC), cpu = nanoseconds(CLOCK_PROCESS_CPUTIME_ID);
    REQUIRE(pthread_create(&writer, NULL, write_groups, NULL) == 0);
    for (long i = 0; i < threads; i++) REQUIRE(pthread_create(&workers[i], NULL, work, NULL) == 0);
    for (long i = 0; i < threads; i++) pthread_join(workers[i], NULL);
    pthread_mutex_lock(&lock);
    is_over = 1;
    pthread_cond_signal(&wanted);
    pthread_mutex_unlock(&lock);
    pthread_join(writer, NULL);
    printf("%ld %lu %lu\n", run_count, nanoseconds(CLOCK_MONOTONIC) - wall,
           nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - cpu);
}
