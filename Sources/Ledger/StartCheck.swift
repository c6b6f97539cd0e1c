// What is checked before a ledger is used: its head, its end, and that it was not rolled back.
internal import Cryptography
internal import Encoding
internal import SQLite

/// The check at opening; refuses, or says where the chain ends.
struct StartCheck {
    let verification: StoreVerification
    /// Whether an operator accepts a head that the ledger does not reach or match.
    let acceptsLoss: Bool

    /// What the check found.
    struct Outcome {
        let tip: ChainTip
        /// Whether the head file has to be written anew, as after a crash between commit and head.
        let isHeadBehind: Bool
        /// What the head named beyond the ledger's end, where a loss was accepted.
        let lost: LedgerHead?
    }

    func run(_ connection: Connection) throws -> Outcome {
        let size = try connection.spanCount()
        guard size > 0 else { throw LedgerError.notFound(path: "span") }
        try checkGenesis(connection)
        let head = try readHead()
        // Behind the head may stand what was committed just before a crash: that too was never vouched for yet.
        let start = max(0, min(size - StoreVerification.startSpans, head?.size ?? size))
        let faults = try verification.verifyEnd(connection, from: start)
        guard faults.count == 0 else { throw LedgerError.altered(faults.faults) }
        let tip = try connection.chainTip()
        guard let head else { return Outcome(tip: tip, isHeadBehind: true, lost: nil) }
        if let problem = try compare(head, with: tip, connection) {
            guard acceptsLoss else { throw problem }
            return Outcome(tip: tip, isHeadBehind: true, lost: head)
        }
        return Outcome(tip: tip, isHeadBehind: head.size < tip.size, lost: nil)
    }

    private func readHead() throws -> LedgerHead? {
        do {
            guard let head = try verification.headFile.read() else {
                throw LedgerError.headMalformed(path: verification.headFile.path)
            }
            guard head.isSigned(by: verification.key) else {
                throw LedgerError.headSignatureInvalid(path: verification.headFile.path)
            }
            return head
        } catch let error as LedgerError where acceptsLoss && error.isIntegrityFailure {
            return nil
        }
    }

    /// The genesis names the key that all this is checked with.
    private func checkGenesis(_ connection: Connection) throws {
        let genesis = try connection.spans("WHERE position = 0").first
        guard let genesis, genesis.entityType == .ledgerOpened else {
            throw LedgerError.altered([
                Fault(
                    .genesis, at: 0, expected: EntityType.ledgerOpened.rawValue,
                    found: genesis?.entityType.rawValue ?? "none")
            ])
        }
        let stated = genesis.metadata["public_key"]?.string.flatMap(HashText.lowerHex) ?? []
        guard stated == verification.key.bytes else {
            throw LedgerError.foreignKey(expected: stated, found: verification.key.bytes)
        }
    }

    private func compare(_ head: LedgerHead, with tip: ChainTip, _ connection: Connection) throws -> LedgerError? {
        guard head.size <= tip.size else {
            return .rolledBack(
                expectedSize: head.size, expectedHead: head.hash, foundSize: tip.size, foundHead: tip.hash)
        }
        let found = try connection.spans("WHERE position = ?", [.int(head.size - 1)]).first?.hash ?? []
        return found == head.hash
            ? nil : .headMismatch(position: head.size - 1, expected: head.hash, found: found)
    }
}
