// Secret buffers, AEAD, signatures, hashes and random bytes: the only room that touches libcrypto and libsodium.
