// Secret buffers, AEAD, signatures, hashes and random bytes: the only room that touches libcrypto and libsodium.
//
// What is here, from the ground up:
//
//   SecretBytes, SecretBuffer, SharedSecret   keys and plaintext in libsodium's guarded heap, wiped when they go
//   RandomSource                random bytes, handed in wherever they are needed
//   ConstantTime, wipe()        comparing and clearing without telling
//   SHA256, BLAKE3              plain digests (OpenSSL; our own Swift)
//   HMACSHA256/512, HKDF        keyed digests and derivation (libsodium; OpenSSL)
//   ChunkedEncryption           C2SP chunked-encryption, the one way anything is sealed (AES-256-GCM of OpenSSL)
//   SigningKey, VerifyingKey    Ed25519 (libsodium)
//   X25519, SealedBox           key agreement, letters to a public key (libsodium)
//   Argon2id                    keys from passphrases, with a bound on the work
//   ProcessHardening, EnvironmentSecret   what a process does once before it touches a key
//
// Plain AES-256-GCM is not public: it does not commit to its key and asks for nonces to be managed.
// Allocation failure of a small secret traps, as it does for every Swift array; a large one throws `outOfMemory`.
