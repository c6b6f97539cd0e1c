// Reading a provider's key once, into guarded memory, without a copy in any string.
public import Cryptography
internal import Files
internal import Glibc

extension KeySource {
    /// The longest key, in bytes; real ones have about a hundred.
    public static let maximumBytes = 4_096

    /// The key, or nil where there is none: the variable or file is absent or empty, or holds what cannot be a header.
    public func read() -> SharedSecret? {
        switch self {
        case .absent: return nil
        case .secret(let secret): return secret
        case .environment(let name):
            guard let value = getenv(name) else { return nil }
            return Self.key(UnsafeRawBufferPointer(start: value, count: strlen(value)))
        case .file(let path):
            return try? Files.readSecret(path, maximumBytes: Self.maximumBytes) { Self.key($0) }
        }
    }

    /// The first line without blanks around it, if it is visible ASCII: anything else could end a header early.
    private static func key(_ bytes: UnsafeRawBufferPointer) -> SharedSecret? {
        let line = bytes.prefix { $0 != 0x0A && $0 != 0x0D }
        let blanks: [UInt8] = [0x20, 0x09]
        guard let first = line.firstIndex(where: { !blanks.contains($0) }),
            let last = line.lastIndex(where: { !blanks.contains($0) })
        else { return nil }
        let key = UnsafeRawBufferPointer(rebasing: bytes[first...last])
        guard key.count <= maximumBytes, key.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        return SharedSecret(SecretBytes(copying: key))
    }
}
