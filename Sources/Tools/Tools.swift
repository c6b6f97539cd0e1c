// What a resident can do: tool definitions, argument schemas, their checks and their effects: the room's overview.
//
// ToolDefinitions    the eleven definitions, read from the bytes of `tools/resident/*.json`
// ArgumentSchema     the schema of one tool's arguments, and the check of what a model sent
// ToolContext        what the tools of one run may see, and what the run staged so far
// ResidentTools      declares, judges and performs calls: the one entry for the engine
// JudgedCall         a call with its ruling, ready to be recorded and performed
// ToolOutcome        the text for the model, and the effect to stage
// StagedEffect       what takes place at the commit of the run, with a JSON form for the journal
// UntrustedEnvelope  marks words of others; OwnEnvelope marks the resident's own words below the preamble
// CleanRoom          the question that a self-deletion is confirmed by
//
// Plugins/           programs that others wrote, offered once an operator accepted exactly their files:
//   PluginDefinition   the `tool.json` of a plugin's folder
//   PluginFolder       all its files and their hash, read once
//   PluginShelf        the plugins of a home and where each stands
//   PluginCall         one call in the sandbox; PluginAnswer is what it came to
//   MCPConversation    one question to an MCP server, in both eras of the protocol
//
// The engine asks `judge`, records the verdict, asks `perform`, stages the effect in the context, and goes on. Nothing
// here touches a store, a clock or the network.
