// What can be wrong with tool definitions and staged effects.

/// An error of this room; what a model does wrong is no error but a refusal told to the model.
public enum ToolsError: Error, Equatable, Sendable {
    /// A definition is not what this version reads; `where` names the member, as `arguments.properties.limit`.
    case malformedDefinition(file: String, where: String)
    /// A definition is for no resident tool.
    case unknownTool(file: String, name: String)
    /// Two definitions are for one tool.
    case duplicateTool(name: String)
    /// Resident tools without a definition, in the order of the table.
    case missingTools(names: [String])
    /// A plugin's folder cannot be read as it must be; the text names the file and what is wrong with it.
    case unreadablePlugin(name: String, String)
    /// A staged effect in the journal or a package is not what this program writes.
    case malformedEffect
}
