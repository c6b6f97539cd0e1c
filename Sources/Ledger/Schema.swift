// The ledger's tables: strict, append-only by trigger, with as few indexes as reading needs.

/// The schema of the span store; everything else in the file is derived or belongs to other rooms.
enum Schema {
    static let name = "ledger"
    static let spanTable = "span"
    static let payloadTable = "sealed_payload"

    /// What every UPDATE and DELETE of a span is answered with.
    static let refusal = "Append-only: updates/deletes not allowed"

    static let steps = [spans, payloads, projections, fewerPages, payloadsByPosition, subjectsCompared]

    /// `subject` is the resident that the span concerns, else its `this`.
    ///
    /// Columns repeat what the bytes say, for finding spans; a verification compares them.
    ///
    /// The guard on INSERT is there because INSERT OR REPLACE removes rows without asking a delete trigger wherever
    /// recursive triggers are off.
    private static let spans = """
        CREATE TABLE span (
          position INTEGER PRIMARY KEY,
          id BLOB NOT NULL,
          seq INTEGER NOT NULL,
          entity_type TEXT NOT NULL,
          subject TEXT NOT NULL,
          trace_id BLOB,
          idempotency_key TEXT,
          bytes BLOB NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX span_id ON span (id, seq);
        CREATE INDEX span_subject ON span (subject, entity_type);
        CREATE INDEX span_trace ON span (trace_id) WHERE trace_id IS NOT NULL;
        CREATE UNIQUE INDEX span_key ON span (idempotency_key) WHERE idempotency_key IS NOT NULL;
        CREATE TRIGGER span_no_update BEFORE UPDATE ON span
        BEGIN SELECT RAISE(ABORT, '\(refusal)'); END;
        CREATE TRIGGER span_no_delete BEFORE DELETE ON span
        BEGIN SELECT RAISE(ABORT, '\(refusal)'); END;
        CREATE TRIGGER span_guard BEFORE INSERT ON span
        WHEN NEW.position IS NOT (SELECT coalesce(max(position), -1) + 1 FROM span)
          OR EXISTS (SELECT 1 FROM span WHERE id = NEW.id AND seq = NEW.seq)
          OR (NEW.idempotency_key IS NOT NULL
              AND EXISTS (SELECT 1 FROM span WHERE idempotency_key = NEW.idempotency_key))
        BEGIN SELECT RAISE(ABORT, '\(refusal)'); END;
        """

    /// A payload goes only where a deletion of its resident stands behind its span.
    private static let payloads = """
        CREATE TABLE sealed_payload (
          span_id BLOB NOT NULL,
          seq INTEGER NOT NULL,
          ciphertext BLOB NOT NULL,
          PRIMARY KEY (span_id, seq)
        ) STRICT;
        CREATE TRIGGER sealed_payload_no_update BEFORE UPDATE ON sealed_payload
        BEGIN SELECT RAISE(ABORT, '\(refusal)'); END;
        CREATE TRIGGER sealed_payload_no_delete BEFORE DELETE ON sealed_payload
        WHEN NOT EXISTS (
          SELECT 1 FROM span AS own JOIN span AS deletion
          ON deletion.subject = own.subject AND deletion.entity_type = 'resident.deleted'
          WHERE own.id = OLD.span_id AND own.seq = OLD.seq)
        BEGIN SELECT RAISE(ABORT, '\(refusal)'); END;
        CREATE TRIGGER sealed_payload_guard BEFORE INSERT ON sealed_payload
        WHEN NOT EXISTS (SELECT 1 FROM span WHERE id = NEW.span_id AND seq = NEW.seq)
          OR EXISTS (SELECT 1 FROM sealed_payload WHERE span_id = NEW.span_id AND seq = NEW.seq)
        BEGIN SELECT RAISE(ABORT, '\(refusal)'); END;
        """

    /// How far each projection has come, and which tables are its own.
    private static let projections = """
        CREATE TABLE projection (name TEXT PRIMARY KEY, size INTEGER NOT NULL) STRICT;
        CREATE TABLE projection_object (
          name TEXT PRIMARY KEY, projection TEXT NOT NULL, type TEXT NOT NULL
        ) STRICT;
        """

    /// True of the spans that are found by their subject; the others, steps of a run, are found by the run.
    ///
    /// It stands in the index, and in every query that goes by the index: so SQLite knows that it may use it. For a
    /// list in `NOT IN` it would make a table of its own at every INSERT.
    static let isBySubject = "(trace_id IS NULL OR (\(isNoStep)))"

    private static let isNoStep = stepNames.map { "entity_type <> \($0)" }.joined(separator: " AND ")

    /// The same in the words of the fourth and the fifth step.
    private static let isNotListed = "(trace_id IS NULL OR entity_type NOT IN (\(stepNames.joined(separator: ", "))))"

    /// What runs write and nobody looks for by its subject.
    static let runSteps: Set<EntityType> = [
        .vaultOpened, .contextComposed, .providerCalled, .toolCalled, .toolRefused, .toolEnded, .post, .runCompleted,
    ]

    private static let stepNames = runSteps.map { "'\($0.rawValue)'" }.sorted()

    /// Lets a commit of runs write fewer pages.
    ///
    /// Steps of a run leave the index of subjects, where each would lie on another page than the next run's. The guard
    /// fails instead of aborting: what it refuses is refused before anything is written, and SQLite keeps no copies of
    /// pages for an undoing that never comes.
    private static let fewerPages = """
        DROP INDEX IF EXISTS span_subject;
        CREATE INDEX span_subject ON span (subject, entity_type) WHERE \(isNotListed);
        DROP TRIGGER IF EXISTS span_guard;
        CREATE TRIGGER span_guard BEFORE INSERT ON span
        WHEN NEW.position IS NOT (SELECT coalesce(max(position), -1) + 1 FROM span)
          OR EXISTS (SELECT 1 FROM span WHERE id = NEW.id AND seq = NEW.seq)
          OR (NEW.idempotency_key IS NOT NULL
              AND EXISTS (SELECT 1 FROM span WHERE idempotency_key = NEW.idempotency_key))
        BEGIN SELECT RAISE(FAIL, '\(refusal)'); END;
        """

    /// Payloads stand in the order of their spans and under the same number: each is written behind the last, and no
    /// index beside has to say where.
    private static let payloadsByPosition = """
        CREATE TABLE payload (
          span_id BLOB NOT NULL,
          seq INTEGER NOT NULL,
          ciphertext BLOB NOT NULL,
          position INTEGER PRIMARY KEY
        ) STRICT;
        INSERT INTO payload SELECT own.span_id, own.seq, own.ciphertext, span.position
        FROM sealed_payload AS own JOIN span ON span.id = own.span_id AND span.seq = own.seq;
        DROP TABLE sealed_payload;
        ALTER TABLE payload RENAME TO sealed_payload;
        CREATE TRIGGER sealed_payload_no_update BEFORE UPDATE ON sealed_payload
        BEGIN SELECT RAISE(ABORT, '\(refusal)'); END;
        CREATE TRIGGER sealed_payload_no_delete BEFORE DELETE ON sealed_payload
        WHEN NOT EXISTS (
          SELECT 1 FROM span WHERE entity_type = 'resident.deleted' AND \(isNotListed)
          AND subject = (SELECT subject FROM span WHERE position = OLD.position))
        BEGIN SELECT RAISE(ABORT, '\(refusal)'); END;
        CREATE TRIGGER sealed_payload_guard BEFORE INSERT ON sealed_payload
        WHEN NOT EXISTS (
          SELECT 1 FROM span WHERE position = NEW.position AND id = NEW.span_id AND seq = NEW.seq)
          OR EXISTS (SELECT 1 FROM sealed_payload WHERE position = NEW.position)
        BEGIN SELECT RAISE(FAIL, '\(refusal)'); END;
        """

    /// What is in the index of subjects is said by comparisons, there and where the index is asked.
    private static let subjectsCompared = """
        DROP INDEX IF EXISTS span_subject;
        CREATE INDEX span_subject ON span (subject, entity_type) WHERE \(isBySubject);
        DROP TRIGGER IF EXISTS sealed_payload_no_delete;
        CREATE TRIGGER sealed_payload_no_delete BEFORE DELETE ON sealed_payload
        WHEN NOT EXISTS (
          SELECT 1 FROM span WHERE entity_type = 'resident.deleted' AND \(isBySubject)
          AND subject = (SELECT subject FROM span WHERE position = OLD.position))
        BEGIN SELECT RAISE(ABORT, '\(refusal)'); END;
        """
}
