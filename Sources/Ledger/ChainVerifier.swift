// Checks spans one after the other: form, order, every link, every hash, every signature, and the state machine.
internal import Cryptography
internal import Encoding

/// A span's identifier and version.
struct SpanKey: Hashable, Sendable {
    let id: Identifier
    let seq: Int
}

/// Verifies a chain from the read path alone, without trusting anything that the writer remembers.
struct ChainVerifier {
    private(set) var faults = FaultList()
    private(set) var checked = 0
    /// The last span read: its position and what it says its hash is.
    private(set) var last: (position: Int, hash: [UInt8])?
    private(set) var lifecycle = LifecycleRule()
    /// What the state machine finds wrong; it means something only where no span is missing or unreadable.
    private var lifecycleFaults = FaultList()
    private var isIntact = true

    private let key: VerifyingKey
    private let keyText: String
    private var ledger: String?
    /// Whether the chain is followed from its genesis, so that rules over the whole apply.
    private let isWhole: Bool
    private var reader = SpanReader()
    private var positions: PositionRule
    private var seen: Set<SpanKey> = []
    private var idempotencyKeys: Set<String> = []

    /// Follows a chain from its genesis; without a ledger name the genesis gives it.
    ///
    /// `expected` is how many spans there may be, for making room at once.
    init(key: VerifyingKey, ledger: String?, expected: Int = 0) {
        self.init(key: key, ledger: ledger, first: 0, isWhole: true)
        seen.reserveCapacity(min(max(0, expected), 1 << 20))
    }

    /// Follows the end of a chain from a position; `previous` is the hash of the span before, where it is known.
    init(key: VerifyingKey, ledger: String?, from first: Int, previous: [UInt8]?) {
        self.init(key: key, ledger: ledger, first: first, isWhole: false)
        if let previous { last = (first - 1, previous) }
    }

    private init(key: VerifyingKey, ledger: String?, first: Int, isWhole: Bool) {
        self.key = key
        self.ledger = ledger
        self.isWhole = isWhole
        keyText = keyName(of: key.bytes)
        positions = PositionRule(from: first)
    }

    /// Checks the next span; `index` is where it stands, for faults of spans that cannot be read.
    mutating func check(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> SpanEnvelope? {
        checked += 1
        let span: SpanEnvelope
        do throws(SpanRefusal) {
            span = try reader.read(bytes)
        } catch {
            faults.add(Fault(error.kind, at: index, expected: error.expected, found: error.found))
            positions.skipUnreadable()
            isIntact = false
            last = nil
            return nil
        }
        let isKnown = isWhole && !seen.insert(SpanKey(id: span.id, seq: span.seq)).inserted
        let before = faults.count
        positions.check(span.position, isKnown: isKnown, faults: &faults)
        let isInOrder = faults.count == before
        isIntact = isIntact && isInOrder
        if let refusal = reader.declaredRefusal(span, in: bytes) {
            faults.add(Fault(refusal.kind, at: span.position, expected: refusal.expected, found: refusal.found))
        }
        checkLink(span)
        checkProof(span)
        checkLedger(span)
        if isWhole, isInOrder { checkWhole(span, isKnown: isKnown) }
        // A span out of its place is not what the next one has to follow.
        if isInOrder { last = (span.position, span.statedHash) }
        return span
    }

    /// The number of spans that the highest position stands for.
    var size: Int { positions.next }

    /// Reports what only the end can tell.
    mutating func finish() {
        let before = faults.count
        positions.finish(faults: &faults)
        guard isIntact, faults.count == before else { return }
        for fault in lifecycleFaults.faults { faults.add(fault) }
    }

    /// Adds a fault that was found beside the chain.
    mutating func add(_ fault: Fault) { faults.add(fault) }

    private mutating func checkLink(_ span: SpanEnvelope) {
        let expected: [UInt8]
        if span.position == 0 {
            expected = ChainTip.empty.hash
        } else if let last, last.position == span.position - 1 {
            expected = last.hash
        } else {
            return
        }
        guard span.previousHash != expected else { return }
        faults.add(
            Fault(
                .brokenLink, at: span.position, expected: HashText.blake3(expected),
                found: HashText.blake3(span.previousHash)))
    }

    private mutating func checkProof(_ span: SpanEnvelope) {
        if span.hash != span.statedHash {
            faults.add(
                Fault(
                    .wrongHash, at: span.position, expected: HashText.blake3(span.hash),
                    found: HashText.blake3(span.statedHash)))
        }
        if span.key != keyText {
            faults.add(Fault(.foreignKey, at: span.position, expected: keyText, found: span.key))
        } else if !key.isValid(signature: span.signature, for: signedMessage(forHash: span.statedHash)) {
            faults.add(
                Fault(
                    .wrongSignature, at: span.position, expected: "a signature of key \(keyText)",
                    found: "ed25519:" + Hex.encode(span.signature)))
        }
    }

    private mutating func checkLedger(_ span: SpanEnvelope) {
        let isGenesis = span.kind == .ledgerOpened
        if isGenesis != (span.position == 0) {
            faults.add(
                Fault(
                    .genesis, at: span.position,
                    expected: isGenesis ? "ledger.opened at position 0 alone" : "ledger.opened", found: span.entityType)
            )
        }
        if span.position == 0 {
            let stated = span.facts.publicKey
            if stated != Hex.encode(key.bytes) {
                faults.add(
                    Fault(.genesis, at: 0, expected: "public key \(Hex.encode(key.bytes))", found: stated ?? "none"))
            }
            if span.this != span.ledger {
                faults.add(Fault(.genesis, at: 0, expected: "this: \(span.ledger)", found: span.this))
            }
        }
        if let ledger, ledger != span.ledger {
            faults.add(Fault(.foreignLedger, at: span.position, expected: ledger, found: span.ledger))
        }
        if ledger == nil { ledger = span.ledger }
    }

    private mutating func checkWhole(_ span: SpanEnvelope, isKnown: Bool) {
        if isKnown {
            faults.add(
                Fault(
                    .identifierReused, at: span.position, expected: "an unused identifier",
                    found: "\(span.id) version \(span.seq)"))
        } else if span.seq > 0, !seen.contains(SpanKey(id: span.id, seq: span.seq - 1)) {
            faults.add(
                Fault(
                    .wrongVersion, at: span.position, expected: "version \(span.seq - 1) of \(span.id) before",
                    found: "version \(span.seq)"))
        }
        if let key = span.idempotencyKey, !idempotencyKeys.insert(key).inserted {
            faults.add(Fault(.idempotencyKeyReused, at: span.position, expected: "an unused key", found: key))
        }
        lifecycle.check(span, faults: &lifecycleFaults)
    }
}
