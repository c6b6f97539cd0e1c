// A port that is taken and on which nobody listens: that of a stopped server may be another test's a moment later.
import Glibc

/// A loopback port whose connections are refused for as long as the value lives.
public final class ClosedPort: Sendable {
    /// Its number.
    public let number: UInt16
    private let descriptor: Int32

    /// Takes a free one.
    public init() throws {
        let raw = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        descriptor = raw
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(raw, $0, size) == 0 && getsockname(raw, $0, &size) == 0
            }
        }
        number = UInt16(bigEndian: address.sin_port)
        guard bound else { throw NoPort(code: errno) }
    }

    deinit { close(descriptor) }

    /// Why none could be taken.
    struct NoPort: Error {
        let code: Int32
    }
}
