// What tests share: the folder of vectors and samples, and temporary directories of their own.
import FoundationEssentials
import Glibc

/// The folder of reference data beside the checkout, where it exists.
public enum SharedData {
    /// `$SANCTUARY_SHARED`, else `../shared` beside the checkout; nil where neither is a folder.
    public static let root: String? = {
        var candidates: [String] = []
        if let named = getenv("SANCTUARY_SHARED") { candidates.append(String(cString: named)) }
        let file = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        candidates.append(file.dropLast(4).joined(separator: "/") + "/shared")
        return candidates.first { access("\($0)/vectors", R_OK) == 0 }
    }()

    /// Whether the folder is there; tests that need it are enabled by this.
    public static var isPresent: Bool { root != nil }

    /// The path of a file in the folder.
    public static func path(_ relative: String) -> String { "\(root ?? "/absent")/\(relative)" }

    /// The bytes of a file in the folder.
    public static func bytes(_ relative: String) throws -> [UInt8] { try readFile(path(relative)) }

    /// The text of a file in the folder.
    public static func text(_ relative: String) throws -> String {
        String(decoding: try bytes(relative), as: UTF8.self)
    }
}

/// Why a test's own file operation failed.
public struct TestFileError: Error {
    /// The file.
    public let path: String
    /// The system's `errno`.
    public let code: Int32
}

/// The whole content of a file.
public func readFile(_ path: String) throws -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw TestFileError(path: path, code: errno) }
    defer { close(descriptor) }
    var content: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
        let count = read(descriptor, &buffer, buffer.count)
        guard count >= 0 else { throw TestFileError(path: path, code: errno) }
        if count == 0 { return content }
        content.append(contentsOf: buffer[..<count])
    }
}

/// Writes a whole file, replacing what was there.
public func writeFile(_ path: String, _ bytes: [UInt8]) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw TestFileError(path: path, code: errno) }
    defer { close(descriptor) }
    var offset = 0
    while offset < bytes.count {
        let count = bytes[offset...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        guard count > 0 else { throw TestFileError(path: path, code: errno) }
        offset += count
    }
}

/// A directory of the test's own that goes when the value goes.
public final class TemporaryDirectory: Sendable {
    /// Where it is.
    public let path: String

    /// Makes it, below `/tmp` or another folder.
    public init(below folder: String = "/tmp") throws {
        var template = Array("\(folder)/sanctuary-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw TestFileError(path: folder, code: errno) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
