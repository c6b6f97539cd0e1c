// A terminal that a test sits at: its keyboard, its window, and what a program wrote to it.
import Glibc
import Synchronization

/// The test's side of a pseudo terminal.
public final class PseudoTerminal: Sendable {
    /// The flag of posix_spawn that makes the program the leader of a session of its own; glibc hides its name.
    static let newSession: Int16 = 0x80
    /// TIOCSPTLCK and TIOCGPTN (ioctl_tty(2)): what unlockpt and ptsname do, which glibc hides from Swift too.
    private static let (setLock, getNumber): (UInt, UInt) = (0x4004_5431, 0x8004_5430)

    /// The program's side, as a file.
    public let path: String
    private let descriptor: Int32
    /// Keeps the terminal while no program has it open.
    private let programsSide: Int32
    private let written = Mutex<[UInt8]>([])

    /// A terminal with a window of so many columns.
    public init(columns: UInt16, rows: UInt16 = 24) throws {
        descriptor = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var (isLocked, number): (Int32, Int32) = (0, 0)
        guard descriptor >= 0, ioctl(descriptor, Self.setLock, &isLocked) == 0,
            ioctl(descriptor, Self.getNumber, &number) == 0
        else { throw TestFileError(path: "/dev/ptmx", code: errno) }
        path = "/dev/pts/\(number)"
        programsSide = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard programsSide >= 0 else { throw TestFileError(path: path, code: errno) }
        resize(columns: columns, rows: rows)
        Task { [weak self, descriptor] in
            await onThread {
                var buffer = [UInt8](repeating: 0, count: 65_536)
                while case let count = read(descriptor, &buffer, buffer.count), count > 0 {
                    self?.written.withLock { $0 += buffer[..<count] }
                }
                close(descriptor)
            }
        }
    }

    // The reader's side ends when the last of the program's is closed, and closes its own.
    deinit { close(programsSide) }

    /// All that was written so far.
    public var bytes: [UInt8] { written.withLock { $0 } }

    /// Waits until all has been read that a program wrote which has ended.
    ///
    /// What is written behind it comes behind it; these bytes are no UTF-8, so that no program writes them.
    public func settle() async {
        let mark: [UInt8] = [0xFF, 0xFE, 0xFF]
        _ = mark.withUnsafeBytes { write(programsSide, $0.baseAddress, $0.count) }
        while !takeBack(mark) { await Task.yield() }
    }

    /// Takes the mark away from what was written, where it is there.
    private func takeBack(_ mark: [UInt8]) -> Bool {
        written.withLock { bytes in
            guard let range = bytes.firstRange(of: mark) else { return false }
            bytes.removeSubrange(range)
            return true
        }
    }

    /// Waits until what was written has a property; false where it has not within ten minutes.
    public func writes(_ property: ([UInt8]) -> Bool) async -> Bool {
        let end = ContinuousClock.now + .seconds(600)
        while !property(bytes) {
            guard ContinuousClock.now < end else { return false }
            await Task.yield()
        }
        return true
    }

    /// Gives the window another size.
    public func resize(columns: UInt16, rows: UInt16 = 24) {
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        _ = withUnsafeMutablePointer(to: &size) { ioctl(descriptor, UInt(TIOCSWINSZ), $0) }
    }

    /// Presses keys.
    public func type(_ keys: [UInt8]) { _ = keys.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) } }

    /// How the line discipline is set: input, output, control and local flags.
    public var modes: [UInt32] {
        var settings = termios()
        tcgetattr(programsSide, &settings)
        return [settings.c_iflag, settings.c_oflag, settings.c_cflag, settings.c_lflag]
    }
}
