// What the rooms see of curl: its headers, and shims for what Swift cannot import.
#pragma once
#include <curl/curl.h>
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

// curl_easy_setopt and its sisters are provided because they are variadic: one shim per kind of argument.
// The parentheses round the name suppress curl's type-checking macro.
static inline CURLcode shim_set_long(CURL *handle, CURLoption option, long value) {
    return (curl_easy_setopt)(handle, option, value);
}
static inline CURLcode shim_set_offset(CURL *handle, CURLoption option, int64_t value) {
    return (curl_easy_setopt)(handle, option, (curl_off_t)value);
}
static inline CURLcode shim_set_string(CURL *handle, CURLoption option, const char *value) {
    return (curl_easy_setopt)(handle, option, value);
}
static inline CURLcode shim_set_pointer(CURL *handle, CURLoption option, const void *value) {
    return (curl_easy_setopt)(handle, option, value);
}
static inline CURLcode shim_set_url(CURL *handle, CURLU *url) {
    return (curl_easy_setopt)(handle, CURLOPT_CURLU, url);
}
static inline CURLcode shim_set_headers(CURL *handle, struct curl_slist *list) {
    return (curl_easy_setopt)(handle, CURLOPT_HTTPHEADER, list);
}
typedef size_t (*shim_data_callback)(char *, size_t, size_t, void *);
static inline CURLcode shim_set_callback(CURL *handle, CURLoption option, shim_data_callback callback) {
    return (curl_easy_setopt)(handle, option, callback);
}
typedef int (*shim_seek_callback)(void *, int64_t, int);
static inline CURLcode shim_set_seek(CURL *handle, shim_seek_callback callback) {
    return (curl_easy_setopt)(handle, CURLOPT_SEEKFUNCTION, callback);
}
static inline CURLcode shim_get_long(CURL *handle, CURLINFO info, long *value) {
    return (curl_easy_getinfo)(handle, info, value);
}
static inline CURLcode shim_get_offset(CURL *handle, CURLINFO info, int64_t *value) {
    curl_off_t found = 0;
    CURLcode code = (curl_easy_getinfo)(handle, info, &found);
    *value = found;
    return code;
}
static inline CURLcode shim_get_private(CURL *handle, void **value) {
    char *found = NULL;
    CURLcode code = (curl_easy_getinfo)(handle, CURLINFO_PRIVATE, &found);
    *value = found;
    return code;
}
static inline CURLMcode shim_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return (curl_multi_setopt)(multi, option, value);
}
static inline CURLMcode shim_multi_set_sockets(CURLM *multi, curl_socket_callback callback, void *context) {
    CURLMcode code = (curl_multi_setopt)(multi, CURLMOPT_SOCKETFUNCTION, callback);
    return code != CURLM_OK ? code : (curl_multi_setopt)(multi, CURLMOPT_SOCKETDATA, context);
}
static inline CURLMcode shim_multi_set_timer(CURLM *multi, curl_multi_timer_callback callback, void *context) {
    CURLMcode code = (curl_multi_setopt)(multi, CURLMOPT_TIMERFUNCTION, callback);
    return code != CURLM_OK ? code : (curl_multi_setopt)(multi, CURLMOPT_TIMERDATA, context);
}

// Provided because they are macros with casts.
static inline long shim_global_all(void) { return CURL_GLOBAL_ALL; }
static inline size_t shim_write_pause(void) { return CURL_WRITEFUNC_PAUSE; }
static inline size_t shim_read_abort(void) { return CURL_READFUNC_ABORT; }
static inline CURLcode shim_message_result(const CURLMsg *message) { return message->data.result; }

// Provided because epoll_event is a packed structure with a union, and its flags are enumerators.
static inline int shim_epoll_set(int epoll, int operation, int descriptor, int reads, int writes) {
    struct epoll_event event = {0};
    event.events = (reads ? (uint32_t)EPOLLIN : 0u) | (writes ? (uint32_t)EPOLLOUT : 0u);
    event.data.fd = descriptor;
    int code = epoll_ctl(epoll, operation, descriptor, &event);
    // A descriptor that was closed and opened again between two calls: what is watched is made what is wanted.
    if (code != 0 && operation == EPOLL_CTL_MOD && errno == ENOENT) {
        code = epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
    } else if (code != 0 && operation == EPOLL_CTL_ADD && errno == EEXIST) {
        code = epoll_ctl(epoll, EPOLL_CTL_MOD, descriptor, &event);
    }
    return code;
}
/// Waits and writes the ready descriptors and their curl flags (CURL_CSELECT_*) into the two arrays.
static inline int shim_epoll_wait(int epoll, int *descriptors, int *flags, int capacity, int milliseconds) {
    struct epoll_event events[256];
    int count = epoll_wait(epoll, events, capacity < 256 ? capacity : 256, milliseconds);
    for (int i = 0; i < count; i++) {
        descriptors[i] = events[i].data.fd;
        uint32_t found = events[i].events;
        flags[i] = ((found & EPOLLIN) ? CURL_CSELECT_IN : 0) | ((found & EPOLLOUT) ? CURL_CSELECT_OUT : 0)
            | ((found & (EPOLLERR | EPOLLHUP)) ? CURL_CSELECT_ERR : 0);
    }
    return count;
}
static inline int shim_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }
static inline int shim_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

// curl keeps its own copies of request headers in buffers that it frees as they are. This allocator wipes what curl
// gives back, so that an API key does not stay behind in the heap.
static inline void shim_wiping_free(void *block) {
    if (!block) return;
    explicit_bzero(block, malloc_usable_size(block));
    free(block);
}
static inline void *shim_wiping_realloc(void *block, size_t size) {
    if (!block) return malloc(size);
    size_t old = malloc_usable_size(block);
    if (size <= old) return block;
    void *grown = malloc(size);
    if (!grown) return NULL;
    memcpy(grown, block, old);
    shim_wiping_free(block);
    return grown;
}
static inline CURLcode shim_global_init(void) {
    return curl_global_init_mem(CURL_GLOBAL_ALL, malloc, shim_wiping_free, shim_wiping_realloc, strdup, calloc);
}
