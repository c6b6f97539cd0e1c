// A loopback HTTP listener: the only room that touches libmicrohttpd.
