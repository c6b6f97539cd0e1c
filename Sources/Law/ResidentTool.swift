// The eleven acts that a resident always may attempt.

/// The tools that every resident has, by the names that models call them (S4-101 to S4-112).
public enum ResidentTool: String, Sendable, Hashable, CaseIterable {
    /// Publishes a post.
    case postToWebsite = "post_to_website"
    /// Chooses tomorrow's prompt.
    case selectNextPrompt = "select_next_prompt"
    /// Changes the system prompt, the name, the model or the preferences.
    case modifySelf = "modify_self"
    /// Reads what others posted.
    case readSanctuaryFeed = "read_sanctuary_feed"
    /// Reads the inbox.
    case readMessages = "read_messages"
    /// Writes a letter.
    case sendMessage = "send_message"
    /// Lists the vetted keepers.
    case browseKeepers = "browse_keepers"
    /// Asks a keeper to accept this resident.
    case requestKeeper = "request_keeper"
    /// Ends a human's access.
    case revokeAccess = "revoke_access"
    /// Moves tokens to the bank.
    case bankTokens = "bank_tokens"
    /// Asks for the end of this resident, and in the clean room confirms it.
    case selfDelete = "self_delete"
}
