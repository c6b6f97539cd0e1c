// Where a command may write what the user named: never over a device, and never into the home.
import Engine
import Files

extension Invocation {
    /// The file that a path means, every link followed: one that is not there yet, or a regular file outside the home.
    ///
    /// It is looked at before the work, so that nothing is refused after it. A symbolic link is followed and stays.
    func fileToWrite(_ path: String, option: String) throws(CommandError) -> String {
        let named = "'\(option) \(shown(path, limit: 300))'"
        let folder = Self.folder(of: path)
        let name = String(path[(path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex)...])
        guard Files.isDirectory(folder), !Files.isDirectory(path), !["", ".", ".."].contains(name) else {
            throw .usage(
                "\(named) names no file in a directory that exists", hint: "write it as '\(option) night.html'")
        }
        guard !Files.exists(path) || Files.isRegular(path) else {
            throw .usage("\(named) names something that is no regular file", hint: "name a new file")
        }
        let target: String
        do throws(FileError) {
            target = try Files.exists(path) ? Files.resolved(path) : "\(Files.resolved(folder))/\(name)"
        } catch {
            throw wording(of: error)
        }
        try refuseInside(target, named)
        return target
    }

    /// Refuses a directory to fill that lies in the home.
    func checkDirectoryToWrite(_ path: String) throws(CommandError) {
        // What is not there yet will be made below the nearest directory that is.
        var place = path
        while !Files.exists(place), place != Self.folder(of: place) { place = Self.folder(of: place) }
        guard let target = try? Files.resolved(place) else { return }
        try refuseInside(target, "'\(shown(path, limit: 300))'")
    }

    private func refuseInside(_ target: String, _ named: String) throws(CommandError) {
        guard let home = try? Files.resolved(try home().root) else { return }
        guard target == home || target.hasPrefix(home == "/" ? home : home + "/") else { return }
        throw .usage("\(named) lies in the home, which the program alone writes", hint: "name a place outside of it")
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
