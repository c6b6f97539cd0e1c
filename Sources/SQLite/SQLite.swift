// Connections, statements and transactions: the only room that touches sqlite3.
