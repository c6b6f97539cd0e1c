// A provider in a process of its own: answers Anthropic Messages requests from memory, without any delay.
// The first round gets three tool calls, the round that brings their results the end of the turn. Prints its port.
// usage: provider
#define _GNU_SOURCE
#include "common.h"
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static char calls[16384], words[16384];

static size_t event(char *text, size_t at, const char *name, const char *data) {
    return at + sprintf(text + at, "event: %s\ndata: {\"type\":\"%s\"%s%s}\n\n", name, name, *data ? "," : "", data);
}

static size_t begin(char *text) {
    return event(text, 0, "message_start",
                 "\"message\":{\"id\":\"msg_bench\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"bench-model\","
                 "\"content\":[],\"stop_reason\":null,\"usage\":{\"input_tokens\":16000,\"output_tokens\":1}}");
}

static size_t end(char *text, size_t at, const char *reason) {
    char data[200];
    sprintf(data, "\"delta\":{\"stop_reason\":\"%s\"},\"usage\":{\"output_tokens\":200}", reason);
    at = event(text, at, "message_delta", data);
    return event(text, at, "message_stop", "");
}

static size_t call(char *text, size_t at, int index, const char *name, const char *input) {
    char data[1200];
    sprintf(data,
            "\"index\":%d,\"content_block\":{\"type\":\"tool_use\",\"id\":\"toolu_%d\",\"name\":\"%s\",\"input\":{}}",
            index, index, name);
    at = event(text, at, "content_block_start", data);
    sprintf(data, "\"index\":%d,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"%s\"}", index, input);
    at = event(text, at, "content_block_delta", data);
    sprintf(data, "\"index\":%d", index);
    return event(text, at, "content_block_stop", data);
}

static void prepare(void) {
    size_t at = begin(calls);
    at = call(calls, at, 0, "read_sanctuary_feed", "{\\\"limit\\\":5}");
    at = call(calls, at, 1, "select_next_prompt", "{\\\"prompt\\\":\\\"What did you find on the shore today?\\\"}");
    at = call(calls, at, 2, "post_to_website",
              "{\\\"content\\\":\\\"A quiet evening by the window, and rain over the harbour. I counted the boats.\\\"}");
    end(calls, at, "tool_use");
    at = begin(words);
    at = event(words, at, "content_block_start", "\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}");
    for (int piece = 0; piece < 20; piece++)
        at = event(words, at, "content_block_delta",
                   "\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"I read, and wrote, and rest. \"}");
    at = event(words, at, "content_block_stop", "\"index\":0");
    end(words, at, "end_turn");
}

static void answer(int connection, const char *body) {
    char head[200];
    int count = sprintf(head, "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: %zu\r\n\r\n",
                        strlen(body));
    char message[18000];
    memcpy(message, head, count);
    memcpy(message + count, body, strlen(body));
    size_t size = count + strlen(body);
    for (size_t sent = 0; sent < size;) {
        ssize_t more = send(connection, message + sent, size - sent, MSG_NOSIGNAL);
        if (more <= 0) return;
        sent += more;
    }
}

static void *serve(void *argument) {
    int connection = (int)(long)argument;
    size_t room = 8u << 20, have = 0;
    char *buffer = malloc(room);
    for (;;) {
        ssize_t count = recv(connection, buffer + have, room - have, 0);
        if (count <= 0) break;
        have += count;
        char *body = memmem(buffer, have, "\r\n\r\n", 4);
        if (body == NULL) continue;
        body += 4;
        *(body - 1) = 0;
        char *length = strcasestr(buffer, "content-length:");
        REQUIRE(length != NULL);
        size_t size = (body - buffer) + atol(length + 15);
        *(body - 1) = '\n';
        REQUIRE(size <= room);
        if (have < size) continue;
        // Results stand in the last turn, behind everything else.
        answer(connection, memmem(body, size - (body - buffer), "\"tool_result\"", 13) ? words : calls);
        have = 0;
    }
    free(buffer);
    close(connection);
    return NULL;
}

int main(void) {
    prepare();
    int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    REQUIRE(bind(listener, (struct sockaddr *)&address, size) == 0 && listen(listener, 128) == 0);
    REQUIRE(getsockname(listener, (struct sockaddr *)&address, &size) == 0);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        int connection = accept(listener, NULL, NULL);
        if (connection < 0) continue;
        setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        pthread_t thread;
        if (pthread_create(&thread, NULL, serve, (void *)(long)connection) == 0) pthread_detach(thread);
    }
}
