// The plugins of a home: which there are, and which of them residents are offered.
public import Providers

/// Where a plugin stands.
public enum PluginState: Sendable, Hashable {
    /// The operator accepted exactly these files.
    case accepted
    /// The operator never accepted it.
    case new
    /// Its files are not those that were accepted; `accepted` is the hash that was.
    case changed(accepted: String)
    /// It offers a tool that another accepted plugin offers already.
    case clashing(tool: String)
}

/// One plugin with its state.
public struct ShelvedPlugin: Sendable {
    /// Its files and what it says of itself.
    public let folder: PluginFolder
    /// Where it stands.
    public let state: PluginState
}

/// The plugins of a home, read once.
///
/// A plugin that changes on disk afterwards does not change here: what runs is what was read and compared.
public struct PluginShelf: Sendable {
    /// The most plugins of a home.
    public static let mostPlugins = 64
    /// All that could be read, in the order of their names.
    public let plugins: [ShelvedPlugin]
    /// The folders that could not, and why.
    public let faults: [(name: String, error: ToolsError)]
    /// Whether accepted plugins are offered: there is a sandbox that they can run in.
    public let isOpen: Bool

    /// A home without plugins.
    public static let empty = PluginShelf(folders: [], faults: [], accepted: [:], isOpen: false)

    /// Compares folders with what was accepted; `accepted` has the hash by a plugin's name.
    public init(
        folders: [PluginFolder], faults: [(name: String, error: ToolsError)], accepted: [String: String], isOpen: Bool
    ) {
        var taken: Set<String> = []
        plugins = folders.sorted { $0.definition.name < $1.definition.name }.map { folder in
            let name = folder.definition.name
            guard let hash = accepted[name] else { return ShelvedPlugin(folder: folder, state: .new) }
            guard hash == folder.hash else {
                return ShelvedPlugin(folder: folder, state: .changed(accepted: hash))
            }
            if let clash = folder.definition.tools.first(where: { taken.contains($0.name) }) {
                return ShelvedPlugin(folder: folder, state: .clashing(tool: clash.name))
            }
            taken.formUnion(folder.definition.tools.map(\.name))
            return ShelvedPlugin(folder: folder, state: .accepted)
        }
        self.faults = faults
        self.isOpen = isOpen
    }

    /// What models are offered beside the resident tools.
    public var declarations: [ToolDeclaration] {
        offered.flatMap { $0.definition.tools.map(\.declaration) }
    }

    /// The accepted plugin that offers a tool of this name, with the tool.
    public subscript(tool name: String) -> PluginOffer? {
        for folder in offered {
            if let tool = folder.definition.tools.first(where: { $0.name == name }) {
                return PluginOffer(folder: folder, tool: tool)
            }
        }
        return nil
    }

    private var offered: [PluginFolder] { isOpen ? plugins.filter { $0.state == .accepted }.map(\.folder) : [] }
}

/// A tool of a plugin, ready to be called.
public struct PluginOffer: Sendable {
    /// The plugin.
    public let folder: PluginFolder
    /// The tool.
    public let tool: PluginTool

    /// Names a tool of a plugin.
    public init(folder: PluginFolder, tool: PluginTool) {
        self.folder = folder
        self.tool = tool
    }
}
