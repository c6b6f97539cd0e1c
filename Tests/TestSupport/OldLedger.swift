// What makes a ledger's store of today one that an earlier version of the program left.

/// Statements that take a store back to earlier steps of its schema.
public enum OldLedger {
    /// The third step: every span by its subject, payloads with an index beside.
    public static let thirdStep = """
        DROP INDEX span_subject;
        CREATE INDEX span_subject ON span (subject, entity_type);
        CREATE TABLE older (
          span_id BLOB NOT NULL, seq INTEGER NOT NULL, ciphertext BLOB NOT NULL, PRIMARY KEY (span_id, seq)
        ) STRICT;
        INSERT INTO older SELECT span_id, seq, ciphertext FROM sealed_payload;
        DROP TABLE sealed_payload;
        ALTER TABLE older RENAME TO sealed_payload;
        UPDATE schema_version SET version = 3 WHERE name = 'ledger'
        """
}
