// What the rooms see of sodium: its headers, and shims for what Swift cannot import.
#pragma once
#include <sodium.h>
