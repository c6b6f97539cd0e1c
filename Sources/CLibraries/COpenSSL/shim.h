// What the rooms see of crypto: its headers, and shims for what Swift cannot import.
#pragma once
#include <openssl/evp.h>
