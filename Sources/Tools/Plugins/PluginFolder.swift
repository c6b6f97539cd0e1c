// The files of a plugin, read once: what is hashed is what is kept in memory, and that is what runs.
internal import Cryptography
internal import Encoding
internal import Files
public import Sandbox

/// A plugin as it lies in its folder.
public struct PluginFolder: Sendable {
    /// What it says of itself.
    public let definition: PluginDefinition
    /// All its files.
    public let files: [SandboxFile]
    /// `blake3:` and the hash over every file, with its name.
    public let hash: String

    /// How deep folders may nest.
    private static let depth = 4

    /// Reads the folder `name` below `directory`, without following any link.
    public init(directory: String, name: String) throws(ToolsError) {
        let path = "\(directory)/\(name)"
        do throws(SandboxError) {
            let folder = try ForeignFolder(path: path)
            var read: [SandboxFile] = []
            var bytes = 0
            for file in try Self.names(below: path, prefix: "", depth: Self.depth) {
                guard read.count < SandboxLimits.programFiles else { throw .invalidProgram(.tooLarge) }
                let content = try folder.read(file, maximumBytes: SandboxLimits.programBytes - bytes)
                bytes += content.count
                read.append(SandboxFile(name: file, bytes: content, isExecutable: Self.isProgram(content)))
            }
            files = read
        } catch {
            throw .unreadablePlugin(name: name, Self.place(of: error))
        }
        hash = Self.hash(of: files)
        guard let definition = files.first(where: { $0.name == PluginDefinition.fileName }) else {
            throw .unreadablePlugin(name: name, PluginDefinition.fileName)
        }
        self.definition = try PluginDefinition(folder: name, bytes: definition.bytes)
    }

    /// The hash of files in the order of their names.
    private static func hash(of files: [SandboxFile]) -> String {
        let pinned = ToolDefinitions.pinnedBytes(of: files.map { (name: $0.name, bytes: $0.bytes) })
        return "blake3:\(Hex.encode(BLAKE3.hash(pinned)))"
    }

    /// The names of all files, in order; what Python leaves beside a program that was tried by hand is no part of it.
    private static func names(below path: String, prefix: String, depth: Int) throws(SandboxError) -> [String] {
        guard depth > 0 else { throw .invalidProgram(.fileName(prefix)) }
        let listed: [String]
        do throws(FileError) { listed = try Files.list(path) } catch {
            throw .folderUnusable(path: path, code: error.code)
        }
        var names: [String] = []
        for name in listed.sorted() where name != "__pycache__" {
            if Files.isDirectory("\(path)/\(name)") {
                names += try Self.names(below: "\(path)/\(name)", prefix: "\(prefix)\(name)/", depth: depth - 1)
            } else {
                names.append(prefix + name)
            }
            guard names.count <= SandboxLimits.programFiles else { throw .invalidProgram(.tooLarge) }
        }
        return names
    }

    /// Whether the kernel could run it: a script with its interpreter named, or a program in ELF.
    private static func isProgram(_ bytes: [UInt8]) -> Bool {
        bytes.starts(with: Array("#!".utf8)) || bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46])
    }

    private static func place(of error: SandboxError) -> String {
        switch error {
        case .fileRefused(let name, let fault): "\(name): \(fault.rawValue)"
        case .invalidProgram(.fileName(let name)): name
        case .invalidProgram(.tooLarge): "size"
        default: "folder"
        }
    }
}
