// What the rooms see of sqlite3: its headers, and shims for what Swift cannot import.
#pragma once
#include <sqlite3.h>
