// Who can read the keys of a home, for `doctor`.
internal import Files

/// A key file or directory that others can read or change.
public struct KeyPermission: Hashable, Sendable {
    /// The file, relative to the home.
    public let path: String
    /// Its permission bits, such as `0o644`.
    public let mode: UInt32
    /// The bits that it should have at most.
    public let allowedMode: UInt32

    /// Everything in `keys/`, and the directory itself, that anyone but its owner can read, write or enter.
    public static func tooOpen(paths: VaultPaths) throws(VaultError) -> [KeyPermission] {
        do throws(FileError) {
            guard Files.isDirectory(paths.keys) else { return [] }
            var found: [KeyPermission] = []
            let files = try Files.list(paths.keys).map { ("\(paths.keys)/\($0)", UInt32(0o600)) }
            for (path, allowed) in [(paths.keys, 0o700)] + files {
                let mode = try Files.mode(path)
                if mode & ~allowed != 0 {
                    found.append(KeyPermission(path: paths.relative(path), mode: mode, allowedMode: allowed))
                }
            }
            return found
        } catch {
            throw .file(error)
        }
    }
}
