// Durable file operations: the POSIX calls that the vault and the ledger rely on.
