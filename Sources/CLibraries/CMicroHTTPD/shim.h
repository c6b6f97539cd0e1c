// What the rooms see of microhttpd: its headers, and shims for what Swift cannot import.
#pragma once
#include <microhttpd.h>
