// The head file on disk, for reading.
public import Files

/// Where the head lies.
struct HeadFile {
    let path: String

    /// The head that the file states; nil where it is not of the form.
    func read() throws(LedgerError) -> LedgerHead? {
        do throws(FileError) {
            return LedgerHead(line: try LedgerHead.line(at: path))
        } catch {
            throw error.isMissing ? .headMissing(path: path) : .file(error)
        }
    }
}

extension LedgerHead {
    /// The bytes of a head file, at most 4,096, whole even while another process writes the next head over them.
    public static func line(at path: String) throws(FileError) -> [UInt8] {
        var line = try Files.read(path, maximumBytes: 4_096, regularOnly: true)
        // Who reads in the middle of a writing sees some of both; two readings agree on what was no such moment.
        for _ in 0..<8 {
            let again = try Files.read(path, maximumBytes: 4_096, regularOnly: true)
            if again == line { break }
            line = again
        }
        return line
    }
}
