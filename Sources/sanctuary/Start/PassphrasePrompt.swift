// Asks for a passphrase at the terminal; what is typed is not shown and not kept outside guarded memory.
import Cryptography
import Glibc

/// The terminal that belongs to the process, whatever standard input is.
enum PassphrasePrompt {
    /// The longest passphrase that is read, in bytes.
    static let maximumBytes = 1_024

    /// Asks once; nil where there is no terminal or nothing was typed.
    static func ask(_ question: String) throws -> SecretBytes? {
        let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC)
        guard terminal >= 0 else { return nil }
        defer { close(terminal) }
        var before = termios()
        guard tcgetattr(terminal, &before) == 0 else { return nil }
        // Raw, so that an interrupt arrives here as a byte and never leaves the terminal without its echo.
        var raw = before
        cfmakeraw(&raw)
        tcsetattr(terminal, TCSAFLUSH, &raw)
        var isInterrupted = false
        write(question, to: terminal)
        let answer = SecretBytes(capacity: maximumBytes) { buffer in
            readLine(from: terminal, into: buffer, &isInterrupted)
        }
        tcsetattr(terminal, TCSAFLUSH, &before)
        write("\n", to: terminal)
        if isInterrupted { die(of: SIGINT) }
        guard answer.count > 0 else { return nil }
        return answer
    }

    /// Asks for a new one twice, until both are the same.
    static func askTwice(_ question: String) throws -> SecretBytes? {
        while let first = try ask(question) {
            guard let second = try ask("once more: ") else { return nil }
            if first.constantTimeEquals(second) { return first }
        }
        return nil
    }

    private static func readLine(
        from terminal: Int32, into buffer: UnsafeMutableRawBufferPointer, _ isInterrupted: inout Bool
    ) -> Int {
        var count = 0
        while true {
            var byte: UInt8 = 0
            let got = read(terminal, &byte, 1)
            if got < 0, errno == EINTR { continue }
            guard got == 1 else { return 0 }
            switch byte {
            case 0x0A, 0x0D: return count
            case 0x03:
                isInterrupted = true
                return 0
            case 0x04 where count == 0: return 0
            case 0x08, 0x7F:
                // A character of UTF-8 goes as a whole: its later bytes all begin with the bits 10.
                while count > 0 {
                    count -= 1
                    if buffer[count] & 0xC0 != 0x80 { break }
                }
            case 0x15: count = 0
            case 0x20...0xFF where count < buffer.count:
                buffer[count] = byte
                count += 1
            default: break
            }
        }
    }

    private static func write(_ text: String, to terminal: Int32) {
        let bytes = Array(text.utf8)
        _ = bytes.withUnsafeBytes { Glibc.write(terminal, $0.baseAddress, $0.count) }
    }
}

/// Ends the process by a signal, as the one who sent it expects to see.
func die(of signalNumber: Int32) -> Never {
    signal(signalNumber, SIG_DFL)
    var set = sigset_t()
    sigemptyset(&set)
    sigaddset(&set, signalNumber)
    pthread_sigmask(SIG_UNBLOCK, &set, nil)
    raise(signalNumber)
    exit(128 + signalNumber)
}
