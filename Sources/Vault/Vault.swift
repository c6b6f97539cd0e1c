// Sealed persona blobs, the keyring and the master key.
