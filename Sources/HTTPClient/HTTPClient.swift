// Concurrent HTTP requests and streamed bodies: the only room that touches libcurl.
