// An operator's change of the pinned texts: seen first, then put on the record.
import Cryptography
import Encoding
import Files
import Ledger
import Tools
import Vault

/// What a home's texts are pinned to, and what they are now.
public struct PinChange: Sendable, Equatable {
    /// The preamble's hash: pinned, and of the file that lies there.
    public let preamble: (pinned: String, found: String)
    /// The hash of the tools' schemas: pinned, and of the files that lie there.
    public let tools: (pinned: String, found: String)

    /// Whether the texts are not the pinned ones.
    public var isChange: Bool { preamble.pinned != preamble.found || tools.pinned != tools.found }

    /// Compares all four hashes.
    public static func == (a: PinChange, b: PinChange) -> Bool { a.preamble == b.preamble && a.tools == b.tools }
}

extension House {
    /// Tells how a home's texts differ from what its ledger pins, and pins them anew where that is confirmed.
    ///
    /// The home is owned meanwhile. The texts must be whole: a preamble in UTF-8, schemas of all tools.
    public static func pin(
        at paths: HomePaths, isConfirmed: Bool, surroundings: HomeSurroundings
    ) async throws(EngineError) -> PinChange {
        try await asEngineError {
            guard Files.exists(paths.ledger) else { throw EngineError.homeMissing(path: paths.root) }
            let signing = try HomeKeys.nodeKey(paths: VaultPaths(home: paths.root))
            let ledger = try await Ledger.open(
                at: LedgerPaths(home: paths.root), signingKey: signing, projections: projections, schemas: schemas)
            do {
                let change = try await pin(ledger, paths, isConfirmed: isConfirmed, surroundings)
                await ledger.close()
                return change
            } catch {
                await ledger.close()
                throw error
            }
        }
    }

    private static func pin(
        _ ledger: Ledger, _ paths: HomePaths, isConfirmed: Bool, _ surroundings: HomeSurroundings
    ) async throws -> PinChange {
        let pinned = try await pin(of: ledger)
        let preamble = try Preamble(bytes: Files.read(paths.preamble, maximumBytes: Preamble.maximumBytes))
        let files = try ToolDefinitions.fileNames.map { name in
            (name: name, bytes: try Files.read("\(paths.residentTools)/\(name)", maximumBytes: 65_536))
        }
        _ = try ToolDefinitions(files: files)
        let toolsHash = "blake3:\(Hex.encode(BLAKE3.hash(ToolDefinitions.pinnedBytes(of: files))))"
        // The laws change by a procedure of their own. A home of before there were any in text pins its schemas there.
        let laws = pinned.metadata["laws"]?.array ?? []
        let pinnedTools = pinned.metadata["tools"]?.string
        let change = PinChange(
            preamble: (pinned.metadata["preamble"]?.string ?? "none", preamble.hashText),
            tools: (pinnedTools ?? laws.compactMap(\.string).joined(separator: " "), toolsHash))
        guard change.isChange, isConfirmed else { return change }
        var metadata: JSONObject = [
            "preamble": .string(preamble.hashText), "program": .string(surroundings.program),
            "laws": pinnedTools == nil ? [.string(toolsHash)] : .array(laws),
        ]
        if pinnedTools != nil { metadata["tools"] = .string(toolsHash) }
        try await ledger.append([
            SpanDraft(
                id: surroundings.identifiers.next(), entityType: .ledgerPinned,
                who: .operator(operatorID(of: ledger.key)), this: ledger.origin, at: surroundings.time.now(),
                metadata: metadata)
        ])
        return change
    }
}
