// What can be told of a vault without any key: headers, sizes, generations, key ids, ages, unknown files.
internal import Cryptography
public import Encoding
internal import Files

/// One blob as its header and its file show it; nothing is decrypted, so nothing is proven.
public struct BlobSummary: Sendable {
    /// The file, relative to the home.
    public let path: String
    /// What the header says.
    public let header: BlobHeader
    /// BLAKE3 of the header, 32 bytes; the ledger carries the same.
    public let headerHash: [UInt8]
    /// The file's size in bytes.
    public let fileCount: Int
    /// The size that the header demands.
    public let expectedFileCount: Int
    /// Whether name, owner and size agree with the header.
    public let isConsistent: Bool
}

/// A keyring as its file shows it.
public struct KeyringSummary: Sendable {
    /// The vault it is for.
    public let vault: Identifier
    /// Epoch and hash.
    public let state: KeyringState
    /// The ways to its key.
    public let providers: [KeyringProvider]
    /// Whose keys it holds, sorted by resident.
    public let entries: [KeyringEntry]
}

/// A vault seen from outside.
public struct VaultInspection: Sendable {
    /// The keyring; nil where none is or it cannot be read.
    public private(set) var keyring: KeyringSummary?
    /// The blobs, in order of path.
    public private(set) var blobs: [BlobSummary] = []
    /// Spares and unfinished seals, relative to the home: no faults.
    public private(set) var leftovers: [String] = []
    /// Files that nothing explains, relative to the home.
    public private(set) var unknownFiles: [String] = []
    /// What could not be read or parsed.
    public private(set) var faults: [VaultFault] = []

    /// Looks at a home's vault, or at one resident's files alone; opens no file for writing.
    public init(home: String, resident: Identifier? = nil) throws(VaultError) {
        let paths = VaultPaths(home: home)
        if Files.exists(paths.keyring) { readKeyring(paths) }
        for file in try BlobListing(paths: paths).files {
            guard let name = file.name else {
                if resident == nil { unknownFiles.append(file.relativePath) }
                continue
            }
            if let resident, name.resident != resident { continue }
            switch name.kind {
            case .spare, .unfinished: leftovers.append(file.relativePath)
            case .generation, .episode: readBlob(file, name: name)
            }
        }
    }

    private mutating func readKeyring(_ paths: VaultPaths) {
        let path = paths.relative(paths.keyring)
        do throws(VaultError) {
            let bytes = try asVaultError { () throws(FileError) in
                try Files.read(paths.keyring, maximumBytes: Keyring.maximumFileCount, regularOnly: true)
            }
            let keyring = try Keyring.parse(bytes, path: path).keyring
            let state = KeyringState(epoch: keyring.epoch, hash: BLAKE3.hash(bytes))
            self.keyring = KeyringSummary(
                vault: keyring.vault, state: state, providers: keyring.providers, entries: keyring.entries)
        } catch {
            faults.append(Self.fault(error, path: path))
        }
    }

    private mutating func readBlob(_ file: BlobListing.File, name: BlobName) {
        do throws(VaultError) {
            let (start, count) = try Self.start(of: file.path)
            let header = try BlobHeader.parse(start, path: file.relativePath)
            let expected = Blob.expectedCount(header)
            let isNamed = BlobName(header.resident, header.content, header.generation) == name
            blobs.append(
                BlobSummary(
                    path: file.relativePath, header: header, headerHash: BLAKE3.hash(start), fileCount: count,
                    expectedFileCount: expected, isConsistent: isNamed && count == expected))
        } catch {
            faults.append(Self.fault(error, path: file.relativePath))
        }
    }

    /// The first bytes of a file and its size.
    private static func start(of path: String) throws(VaultError) -> (bytes: [UInt8], fileCount: Int) {
        do throws(FileError) {
            let file = try OpenFile(reading: path)
            return (try file.start(count: BlobHeader.count), try Files.size(path))
        } catch {
            throw .file(error)
        }
    }

    /// Any error of one file as a fault of it.
    static func fault(_ error: VaultError, path: String) -> VaultFault {
        switch error {
        case .fault(let fault): fault
        case .file(let file):
            VaultFault(.unreadable, path: path, field: file.operation, expected: "readable", found: file.reason)
        case .unknownResident:
            VaultFault(.unexpected, path: path, field: "key", expected: "a key in the keyring", found: "none")
        default:
            VaultFault(.unreadable, path: path, field: "content", expected: "readable", found: "an error")
        }
    }
}

/// Every file below the blob directories.
struct BlobListing {
    struct File {
        let path: String
        let relativePath: String
        /// Nil where the name, or the directory for that name, is none of the format's.
        let name: BlobName?
    }

    private(set) var files: [File] = []

    init(paths: VaultPaths) throws(VaultError) {
        for directory in try Self.list(paths.blobs) {
            let path = "\(paths.blobs)/\(directory)"
            guard Files.isDirectory(path) else {
                files.append(File(path: path, relativePath: paths.relative(path), name: nil))
                continue
            }
            for text in try Self.list(path) {
                let file = "\(path)/\(text)"
                let name = BlobName(text).flatMap { $0.resident.hexDigits.hasSuffix(directory) ? $0 : nil }
                let isPlaced = name.map { paths.file($0) == file } ?? false
                files.append(File(path: file, relativePath: paths.relative(file), name: isPlaced ? name : nil))
            }
        }
    }

    private static func list(_ directory: String) throws(VaultError) -> [String] {
        do throws(FileError) {
            return try Files.list(directory)
        } catch {
            if error.isMissing { return [] }
            throw .file(error)
        }
    }
}
