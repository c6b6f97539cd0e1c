// The plugin tools of a home: read at opening, compared with what the operator accepted, accepted by a span.
import Encoding
import Files
import Ledger
import Sandbox
public import Tools

extension House {
    /// Reads every folder below `tools/` but the resident tools' own, and compares it with the ledger.
    ///
    /// Without a sandbox, or a machine that can make one, nothing is offered.
    static func shelf(
        paths: HomePaths, ledger: Ledger, makeSandbox: (@Sendable () -> Sandbox?)?
    ) async throws -> (shelf: PluginShelf, sandbox: Sandbox?) {
        var folders: [PluginFolder] = []
        var faults: [(name: String, error: ToolsError)] = []
        var accepted: [String: String] = [:]
        let names = ((try? Files.list(paths.tools)) ?? []).filter { name in
            "\(paths.tools)/\(name)" != paths.residentTools && !name.hasPrefix(".")
                && Files.isDirectory("\(paths.tools)/\(name)")
        }
        for name in names.sorted().prefix(PluginShelf.mostPlugins) {
            do throws(ToolsError) {
                folders.append(try PluginFolder(directory: paths.tools, name: name))
            } catch {
                faults.append((name: name, error: error))
                continue
            }
            let span = try await ledger.lastSpan(subject: name, types: [.toolAccepted])
            accepted[name] = span?.metadata["hash"]?.string
        }
        // Made only where something is to run in it: most homes have no plugin accepted.
        var sandbox = folders.contains { accepted[$0.definition.name] == $0.hash } ? makeSandbox?() : nil
        if case .none? = sandbox?.tier { sandbox = nil }
        let shelf = PluginShelf(folders: folders, faults: faults, accepted: accepted, isOpen: sandbox != nil)
        return (shelf, sandbox)
    }

    /// The plugins of the home, as they were when it was opened.
    public var plugins: PluginShelf { residentTools.plugins }

    /// Puts on the ledger that a plugin with exactly these files may be offered to residents.
    ///
    /// It counts from the next opening of the home.
    public func acceptPlugin(_ folder: PluginFolder) async throws(EngineError) {
        try await asEngineError {
            _ = try await record([
                SpanDraft(
                    id: surroundings.identifiers.next(), entityType: .toolAccepted, who: .operator(operatorID),
                    this: folder.definition.name, at: surroundings.time.now(),
                    metadata: [
                        "hash": .string(folder.hash), "version": .integer(Int64(folder.definition.version)),
                    ])
            ])
        }
    }
}
