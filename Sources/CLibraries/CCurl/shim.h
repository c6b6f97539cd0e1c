// What the rooms see of curl: its headers, and shims for what Swift cannot import.
#pragma once
#include <curl/curl.h>
