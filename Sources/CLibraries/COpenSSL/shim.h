// What the rooms see of libcrypto: the headers of its EVP interface, and the plain functions of SHA-512.
#pragma once
// SHA512_Init and its kin are discouraged for programs that choose algorithms by name; they stay in libcrypto.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/evp.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>
