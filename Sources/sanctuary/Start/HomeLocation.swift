// Where the home is, and where the texts that init copies are.
import Engine
import Files
import Glibc

/// The places that the command line and the environment name.
struct HomeLocation: Sendable {
    let environment: ProcessEnvironment

    /// `--home`, else `$SANCTUARY_HOME`, else `$XDG_DATA_HOME/sanctuary`, else `~/.local/share/sanctuary`.
    func home(option: String?) throws(CommandError) -> HomePaths {
        if let named = option ?? environment.nonEmpty("SANCTUARY_HOME") { return HomePaths(root: absolute(named)) }
        // The XDG base directory specification has relative paths ignored.
        if let data = environment.nonEmpty("XDG_DATA_HOME"), data.hasPrefix("/") {
            return HomePaths(root: "\(data)/sanctuary")
        }
        guard let user = environment.nonEmpty("HOME"), user.hasPrefix("/") else {
            let found = environment.nonEmpty("HOME").map { "is no absolute path: '\(escaped($0))'" } ?? "is not set"
            throw CommandError(
                "it is unclear where the home is: HOME \(found)", hint: "name it with --home DIR or SANCTUARY_HOME")
        }
        return HomePaths(root: "\(user)/.local/share/sanctuary")
    }

    /// The folder with `preambles/` and `tools/`: `$SANCTUARY_DATA`, else beside or above the program, else installed.
    func templates() throws(CommandError) -> String {
        if let named = environment.nonEmpty("SANCTUARY_DATA") {
            guard isTemplates(named) else {
                throw CommandError(
                    "SANCTUARY_DATA names no folder with preambles and tools: '\(shown(named, limit: 300))'",
                    hint: "name the folder that the program was installed with")
            }
            return named
        }
        var folder = executable()
        while let slash = folder.lastIndex(of: "/") {
            folder = String(folder[..<slash])
            for candidate in [folder, "\(folder)/share/sanctuary"] where isTemplates(candidate) { return candidate }
        }
        for candidate in ["/usr/local/share/sanctuary", "/usr/share/sanctuary"] where isTemplates(candidate) {
            return candidate
        }
        throw CommandError(
            "the preamble and the tools' schemas that a home is made with are not found",
            hint: "name the folder that holds preambles/ and tools/ with SANCTUARY_DATA")
    }

    private func isTemplates(_ folder: String) -> Bool {
        Files.exists("\(folder)/preambles/constitution.txt") && Files.isDirectory("\(folder)/tools/resident")
    }

    private func executable() -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        return String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/") else { return path }
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        guard getcwd(&buffer, buffer.count) != nil else { return path }
        let directory = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return path == "." ? directory : "\(directory)/\(path)"
    }
}
