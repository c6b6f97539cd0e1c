// Secrets that come by the environment: taken out of it, and the bytes they stood in overwritten.
internal import CSodium
internal import Glibc

/// Secrets in environment variables.
public enum EnvironmentSecret {
    /// Takes a variable out of the environment: its value in guarded memory, or nil when it is not set.
    ///
    /// The bytes of every entry of that name are overwritten in place, so that neither `/proc/PID/environ` nor a
    /// child shows them, and the variable is unset. To be called before any other thread runs or any child starts.
    public static func take(_ name: String) -> SecretBytes? {
        let prefix = Array(name.utf8) + [UInt8(ascii: "=")]
        var value: SecretBytes?
        var entries = shim_environment()
        while let entry = entries?.pointee {
            let length = strlen(entry)
            let bytes = UnsafeMutableRawBufferPointer(start: entry, count: length)
            if length >= prefix.count, bytes[..<prefix.count].elementsEqual(prefix) {
                let content = UnsafeMutableRawBufferPointer(rebasing: bytes[prefix.count...])
                // The first of several is the one that getenv would give.
                if value == nil { value = SecretBytes(copying: UnsafeRawBufferPointer(content)) }
                content.wipe()
            }
            entries = entries.map { $0 + 1 }
        }
        unsetenv(name)
        return value
    }
}
