// The miniature home of the shared vectors (sanctuary-v1), written by an independent implementation of the format.
import Cryptography
import Encoding
import TestSupport
import Vault

/// A resident's blob as `vault.json` of the vectors describes it.
struct MiniatureBlob {
    let resident: Identifier
    let generation: UInt64
    let pekID: Identifier
    let pek: [UInt8]
    let dek: [UInt8]
    let plaintextCount: Int
    let padding: BlobPadding
    let plaintextSHA256: [UInt8]
    let headerHash: [UInt8]
    let bytes: [UInt8]

    var expecting: Generation { Generation(number: generation, headerHash: headerHash) }
}

/// The whole miniature home.
struct MiniatureHome {
    static let folder = "vectors/sanctuary-v1"

    let vault: Identifier
    let epoch: UInt64
    let keyringKey: [UInt8]
    let masterKeyID: [UInt8]
    let blobs: [MiniatureBlob]
    let keyring: [UInt8]
    let json: JSON

    init() throws {
        json = try JSON.parse(try SharedData.bytes("\(Self.folder)/vault.json"))
        vault = try require(json["vault_id"]?.string.flatMap { Identifier($0) })
        epoch = UInt64(try require(json["epoch"]?.integer))
        keyringKey = try Self.hex(json["kk"])
        masterKeyID = try Self.hex(json["master_key_id"])
        keyring = try SharedData.bytes("\(Self.folder)/keys/keyring")
        blobs = try require(json["residents"]?.array).map { try Self.blob($0) }
    }

    private static func blob(_ json: JSON) throws -> MiniatureBlob {
        MiniatureBlob(
            resident: try require(json["id"]?.string.flatMap { Identifier($0) }),
            generation: UInt64(try require(json["generation"]?.integer)),
            pekID: try require(json["pek_id"]?.string.flatMap { Identifier($0) }),
            pek: try hex(json["pek"]), dek: try hex(json["dek"]),
            plaintextCount: Int(try require(json["plaintext_len"]?.integer)),
            padding: json["padding"]?.integer == 1 ? .padme : .none,
            plaintextSHA256: try hex(json["plaintext_sha256"]), headerHash: try hex(json["header_blake3"]),
            bytes: try SharedData.bytes("\(folder)/\(try require(json["file"]?.string))"))
    }

    static func hex(_ json: JSON?) throws -> [UInt8] { try require(json?.string.flatMap { Hex.decode($0) }) }
}

/// A value that the vectors must have.
func require<Value>(_ value: Value?) throws -> Value {
    guard let value else { throw VectorError.missing }
    return value
}

/// Why the vectors could not be used.
enum VectorError: Error {
    case missing
}
