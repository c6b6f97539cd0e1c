// Baseline: how many Ed25519 signatures of a span's hash libsodium alone verifies on one core.
// usage: verify COUNT
#include "common.h"
#include <sodium.h>
#include <string.h>

int main(int argc, char **argv) {
    REQUIRE(argc == 2 && sodium_init() >= 0);
    long count = atol(argv[1]);
    unsigned char public_key[32], secret_key[64], signature[64], message[50];
    memset(message, 7, sizeof message);
    crypto_sign_keypair(public_key, secret_key);
    crypto_sign_detached(signature, NULL, message, sizeof message, secret_key);
    uint64_t wall = nanoseconds(CLOCK_MONOTONIC), cpu = nanoseconds(CLOCK_PROCESS_CPUTIME_ID);
    for (long i = 0; i < count; i++)
        REQUIRE(crypto_sign_verify_detached(signature, message, sizeof message, public_key) == 0);
    printf("%ld %lu %lu\n", count, nanoseconds(CLOCK_MONOTONIC) - wall, nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - cpu);
}
