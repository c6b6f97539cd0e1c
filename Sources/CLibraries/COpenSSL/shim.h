// What the rooms see of libcrypto: the headers of its EVP interface.
#pragma once
#include <openssl/evp.h>
#include <openssl/crypto.h>
