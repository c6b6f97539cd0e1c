// Programs that a test writes for itself, to be run at once.
import Glibc

/// Writes a file that can be executed as soon as this returns.
///
/// A program that this process had open for writing cannot: a child that another test has just forked has it open too,
/// and until that child becomes a program the kernel says that the text is busy (execve(2), ETXTBSY).
public func writeProgram(_ path: String, _ bytes: [UInt8], mode: UInt32 = 0o755) async throws {
    let folder = try TemporaryDirectory()
    let source = "\(folder.path)/program"
    try writeFile(source, bytes)
    let status = await onThread {
        ReferenceScript.spawnAndWait(["/bin/cp", "--", source, path], output: "/dev/null", errors: "/dev/null")
    }
    guard status == 0, chmod(path, mode) == 0 else { throw TestFileError(path: path, code: errno) }
}
