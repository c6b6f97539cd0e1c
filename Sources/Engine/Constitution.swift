// The texts that the ledger pins by hash: the preamble that opens every context, the laws, and the tools' schemas.
import Cryptography
import Encoding
import Files
import Ledger
import Tools

/// The constitutional preamble, as it is sent.
public struct Preamble: Sendable, Equatable {
    /// The text, byte for byte as in its file.
    public let text: String
    /// `blake3:` and the hash of its bytes, as the ledger pins it.
    public let hashText: String

    /// The most that a preamble may have, in bytes.
    public static let maximumBytes = 65_536

    init(bytes: [UInt8]) throws(EngineError) {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .unexpected("preamble is not UTF-8") }
        self.text = text
        hashText = "blake3:\(Hex.encode(BLAKE3.hash(bytes)))"
    }
}

/// What is read from a home's `preambles/` and `tools/`, with the hashes that pin it.
struct PinnedTexts: Sendable {
    let preamble: Preamble
    let definitions: ToolDefinitions
    let toolsHash: String
    let laws: FoundingLaws
    /// Whether the home was founded with laws in text.
    let hasLawsInText: Bool

    /// Reads them from the folders of a home, or of the repository that a home is made from.
    ///
    /// A home's are compared with its `pin`, the last `ledger.opened` or `ledger.pinned`, before anything in them is
    /// understood: a missing or unreadable text is an altered one. A home that was made before there were laws in text
    /// has no `tools` in its pin: there `laws` pins the schemas.
    init(
        preamblePath: String, toolsDirectory: String, lawsDirectory: String, pin: Span? = nil
    ) throws(EngineError) {
        let expected = pin.map { $0.metadata["preamble"]?.string ?? "none" }
        let text = try Self.read(preamblePath, maximumBytes: Preamble.maximumBytes) {
            expected.map { .preambleAltered(expected: $0, found: "no file") }
        }
        let hashText = "blake3:\(Hex.encode(BLAKE3.hash(text)))"
        if let expected, expected != hashText { throw .preambleAltered(expected: expected, found: hashText) }
        preamble = try Preamble(bytes: text)
        let pinnedLaws = pin.map { $0.metadata["laws"]?.array?.compactMap(\.string) ?? [] }
        let pinnedTools = pin.map { $0.metadata["tools"]?.string }
        hasLawsInText = pinnedTools.map { $0 != nil } ?? true
        let schemas = pin.map { _ in (pinnedTools ?? nil) ?? (pinnedLaws ?? []).joined(separator: " ") }
        var files: [(name: String, bytes: [UInt8])] = []
        for name in ToolDefinitions.fileNames {
            let bytes = try Self.read("\(toolsDirectory)/\(name)", maximumBytes: 65_536) {
                schemas.map { .toolsAltered(expected: $0, found: "no file \(name)") }
            }
            files.append((name, bytes))
        }
        let toolsHash = "blake3:\(Hex.encode(BLAKE3.hash(ToolDefinitions.pinnedBytes(of: files))))"
        if let schemas, schemas != toolsHash { throw .toolsAltered(expected: schemas, found: toolsHash) }
        self.toolsHash = toolsHash
        definitions = try asEngineErrorNow { try ToolDefinitions(files: files) }
        laws = hasLawsInText ? try FoundingLaws(directory: lawsDirectory, pinned: pinnedLaws) : .none
    }

    /// Reads a text; one that is missing is what `missing` says, where that says anything.
    private static func read(
        _ path: String, maximumBytes: Int, missing: () -> EngineError?
    ) throws(EngineError) -> [UInt8] {
        do throws(FileError) {
            return try Files.read(path, maximumBytes: maximumBytes)
        } catch {
            if error.isMissing || error.isTooLarge, let altered = missing() { throw altered }
            throw .file(error)
        }
    }
}
