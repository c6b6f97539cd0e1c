// The overview of the SQLite room: connections, statements and transactions, the only room that touches sqlite3.
//
// `Connection`      one open database: statements (prepared once and kept), transactions, savepoints, checkpoints
// `SQLiteValue`     what can be bound and read back
// `Row`             the columns of the row a query stands on; it cannot leave the closure that was given it
// `SQLiteError`     extended result code and a message that never contains a bound value
// `AuthorizedAct`   what a statement is about to do, for a hook that may deny it
// `migrate`         schema steps by name, each applied once
//
// A connection belongs to one thread at a time and is not `Sendable`; whoever needs several threads opens several.
// Every connection is defensive, does not trust its schema, fires triggers recursively, checks foreign keys and
// overwrites what is deleted. A writing one uses the write-ahead log and flushes every commit; the frames of a commit
// wait in memory for that flush and leave in few writes (CSQLite's `joining.h`).
