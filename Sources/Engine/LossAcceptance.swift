// After a lost disk: an operator accepts that the ledger ends before its head, and the record says so.
import Cryptography
import Encoding
import Ledger
import Vault

extension House {
    /// Accepts that the ledger holds fewer spans than its head names; altered spans are refused all the same.
    ///
    /// - Returns: how many spans the head named and how many there are; nil where nothing was lost.
    public static func acceptLoss(
        at paths: HomePaths, surroundings: HomeSurroundings
    ) async throws(EngineError) -> (named: Int, found: Int)? {
        try await asEngineError {
            let signing = try HomeKeys.nodeKey(paths: VaultPaths(home: paths.root))
            let id = surroundings.identifiers.next()
            let ledger = try await Ledger.acceptLoss(
                at: LedgerPaths(home: paths.root), signingKey: signing, projections: projections, schemas: schemas,
                by: .operator(operatorID(of: signing.verifyingKey)), id: id, at: surroundings.time.now())
            let span = try await ledger.span(id)
            await ledger.close()
            guard let named = span?.metadata["from"]?.integer, let found = span?.metadata["to"]?.integer else {
                return nil
            }
            return (named: Int(named), found: Int(found))
        }
    }
}
