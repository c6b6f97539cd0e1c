// How wide the terminal behind a file descriptor is.
internal import CPosix

/// The size of a terminal.
public enum TerminalSize {
    /// The columns of the terminal behind a descriptor; nil where there is none or it does not say.
    public static func columns(of descriptor: Int32) -> Int? {
        let columns = shim_terminal_columns(descriptor)
        return columns > 0 ? Int(columns) : nil
    }
}
