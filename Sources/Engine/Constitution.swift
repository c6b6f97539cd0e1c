// The texts that the ledger pins by hash: the preamble that opens every context, and the tools' schemas.
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

    /// Reads them from the folders of a home, or of the repository that a home is made from.
    init(preamblePath: String, toolsDirectory: String) throws(EngineError) {
        let read = try asEngineErrorNow {
            let preamble = try Files.read(preamblePath, maximumBytes: Preamble.maximumBytes)
            let files = try ToolDefinitions.fileNames.map { name in
                (name: name, bytes: try Files.read("\(toolsDirectory)/\(name)", maximumBytes: 65_536))
            }
            return (preamble: preamble, files: files, definitions: try ToolDefinitions(files: files))
        }
        preamble = try Preamble(bytes: read.preamble)
        definitions = read.definitions
        toolsHash = "blake3:\(Hex.encode(BLAKE3.hash(ToolDefinitions.pinnedBytes(of: read.files))))"
    }

    /// Compares with the last `ledger.opened` or `ledger.pinned`; until there are laws in text, `laws` pins the
    /// schemas.
    func check(against pin: Span) throws(EngineError) {
        let expected = pin.metadata["preamble"]?.string ?? "none"
        guard expected == preamble.hashText else {
            throw .preambleAltered(expected: expected, found: preamble.hashText)
        }
        let laws = pin.metadata["laws"]?.array?.compactMap(\.string) ?? []
        guard laws == [toolsHash] else {
            throw .toolsAltered(expected: laws.joined(separator: " "), found: toolsHash)
        }
    }
}
