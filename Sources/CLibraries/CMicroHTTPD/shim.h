// What the rooms see of microhttpd: its headers, and shims for what Swift cannot import.
#pragma once
#include <microhttpd.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct shim_daemon_settings {
    unsigned int threads;
    unsigned int connections;
    unsigned int timeout_seconds;
    unsigned int backlog;
    size_t connection_memory;
    int is_ipv6;
};

// Leaves a path or an argument percent-encoded: decoding is done, and checked, above.
static inline size_t shim_keep_escapes(void *context, struct MHD_Connection *connection, char *text) {
    (void)context;
    (void)connection;
    return strlen(text);
}

// Provided because MHD_start_daemon is variadic. No MHD_USE_ERROR_LOG: it prints a line for each client that leaves.
static inline struct MHD_Daemon *shim_start_daemon(
    const struct shim_daemon_settings *settings, const struct sockaddr *address, MHD_AccessHandlerCallback handler,
    MHD_RequestCompletedCallback completed, void *context) {
    unsigned int flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME;
    if (settings->is_ipv6) flags |= MHD_USE_IPv6;
    // A pool of one is no pool: the option is refused below two.
    struct MHD_OptionItem pool[] = {
        {settings->threads > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END, (intptr_t)settings->threads, NULL},
        {MHD_OPTION_END, 0, NULL},
    };
    return MHD_start_daemon(
        flags, 0, NULL, NULL, handler, context, MHD_OPTION_SOCK_ADDR, address, MHD_OPTION_NOTIFY_COMPLETED, completed,
        context, MHD_OPTION_CONNECTION_LIMIT, settings->connections, MHD_OPTION_CONNECTION_TIMEOUT,
        settings->timeout_seconds, MHD_OPTION_CONNECTION_MEMORY_LIMIT, settings->connection_memory,
        MHD_OPTION_LISTEN_BACKLOG_SIZE, settings->backlog, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_UNESCAPE_CALLBACK, shim_keep_escapes, NULL, MHD_OPTION_ARRAY, pool, MHD_OPTION_END);
}

// Provided because MHD_get_daemon_info is variadic; 0 where the port is not known.
static inline uint16_t shim_bound_port(struct MHD_Daemon *daemon) {
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info ? info->port : 0;
}

// Provided because these are macros with casts.
static inline uint64_t shim_unknown_size(void) { return MHD_SIZE_UNKNOWN; }
static inline ssize_t shim_end_of_stream(void) { return MHD_CONTENT_READER_END_OF_STREAM; }
static inline ssize_t shim_end_with_error(void) { return MHD_CONTENT_READER_END_WITH_ERROR; }
