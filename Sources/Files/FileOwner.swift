// Whose a file is, and what root makes in somebody's folder handed to that somebody.
internal import Glibc

extension Files {
    /// Gives a file that root made to the owner of the folder it is in, as SQLite does with its logs.
    ///
    /// Without it one command of root in a service's home leaves files that it cannot read. Nothing happens for
    /// another user, in root's own folders, with a file of several names, and where the system does not let it.
    public static func handToFolderOwner(_ descriptor: Int32, at path: String) {
        var file = stat()
        guard let folder = foreignFolder(of: path), fstat(descriptor, &file) == 0, isRootsAlone(file) else { return }
        // In a container the owner may have no number here: then the file stays root's, which is who reads it.
        _ = fchown(descriptor, folder.st_uid, folder.st_gid)
    }

    /// Gives a file or directory at a path to the owner of the folder it is in; see the other of this name.
    ///
    /// It opens nothing: a second descriptor's end would take SQLite's locks from a database.
    public static func handToFolderOwner(_ path: String) {
        var file = stat()
        guard let folder = foreignFolder(of: path), lstat(path, &file) == 0, isRootsAlone(file) else { return }
        _ = lchown(path, folder.st_uid, folder.st_gid)
    }

    /// The folder that a path stands in, where this is root and the folder another's.
    private static func foreignFolder(of path: String) -> stat? {
        var folder = stat()
        guard geteuid() == 0, stat(parent(of: path), &folder) == 0, folder.st_uid != 0 else { return nil }
        return folder
    }

    private static func isRootsAlone(_ file: stat) -> Bool {
        file.st_uid == 0 && (file.st_nlink == 1 || file.st_mode & S_IFMT == S_IFDIR)
    }

    /// The number of the user who owns what is at a path, be it a symbolic link.
    public static func owner(_ path: String) throws(FileError) -> UInt32 {
        var status = stat()
        guard lstat(path, &status) == 0 else { throw FileError(operation: "stat", path: path) }
        return status.st_uid
    }

    /// The number of the user as whom this process works with files.
    public static var currentUser: UInt32 { geteuid() }
}
