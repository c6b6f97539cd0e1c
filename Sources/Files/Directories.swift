// Directories made, flushed and listed.
internal import Glibc

extension Files {
    /// Makes a directory and those above it that are missing, durably; one that is there already is left as it is.
    public static func createDirectory(_ path: String, mode: UInt32 = 0o700) throws(FileError) {
        try checkPath(path)
        if isDirectory(path) { return }
        let parent = parent(of: path)
        if parent != path, !exists(parent) { try createDirectory(parent, mode: mode) }
        if mkdir(path, mode) != 0 {
            let error = FileError(operation: "mkdir", path: path)
            if error.isExisting, isDirectory(path) { return }
            throw error
        }
        guard chmod(path, mode) == 0 else { throw FileError(operation: "chmod", path: path) }
        handToFolderOwner(path)
        try syncDirectory(parent)
    }

    /// Sets who may enter a directory that is there.
    public static func restrictDirectory(_ path: String, mode: UInt32 = 0o700) throws(FileError) {
        try checkPath(path)
        guard chmod(path, mode) == 0 else { throw FileError(operation: "chmod", path: path) }
    }

    /// Waits until the names in a directory are on the medium.
    public static func syncDirectory(_ path: String) throws(FileError) {
        try FileDescriptor(path, O_RDONLY | O_DIRECTORY).sync()
    }

    /// Removes an empty directory.
    public static func removeDirectory(_ path: String) throws(FileError) {
        guard rmdir(path) == 0 else { throw FileError(operation: "rmdir", path: path) }
    }

    /// The names in a directory, without `.` and `..`, in the order of their bytes.
    public static func list(_ directory: String) throws(FileError) -> [String] {
        guard let stream = opendir(directory) else { throw FileError(operation: "list", path: directory) }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                guard errno == 0 else { throw FileError(operation: "list", path: directory) }
                return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
    }
}
