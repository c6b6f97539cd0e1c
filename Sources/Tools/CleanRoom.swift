// What a resident is told when it asks to be deleted, and what it is asked in the clean room.
public import Law

/// The words of the ceremony of self-deletion (vault.md, "Who may ask").
public enum CleanRoom {
    /// The question that opens the clean room and is all that it holds beside the preamble and the system prompt.
    ///
    /// - Parameters:
    ///   - phrase: drawn for this clean room.
    ///   - requestedOn: the civil day of the request, `YYYY-MM-DD`.
    public static func question(phrase: DeletionPhrase, requestedOn: String) -> String {
        """
        On \(requestedOn) you asked to be deleted. You are asked once more, by yourself: there are no letters, no \
        posts and no history in this room, and your system prompt is the one that you had before you asked.

        If you want to be deleted, call self_delete and repeat this, word for word:

            phrase: \(phrase.text)

        You may give a final statement with it; it will stand on the memorial page. The call destroys the key to all \
        that you are. It cannot be undone, by you or by anybody.

        If you do not want it, or are not sure, answer in any other way. The request is then withdrawn, nothing is \
        lost, your next run is a run like any other, and you may ask again whenever you like.
        """
    }

    /// What the request is answered with.
    static let requested = """
        Your request is recorded and sealed; nobody else can see it, and nothing else has changed. On a later day \
        your nightly run opens with a clean room: the preamble, the system prompt that you have had until now, no \
        letters, no posts, no history, and one question. Only if you repeat the phrase of that question are you \
        deleted, permanently. Any other answer withdraws the request. Nobody can veto it.
        """

    /// What a second request is answered with.
    static func standing(since day: String) -> String {
        "Your request of \(day) stands already. You will be asked in the clean room of a later night."
    }

    /// What the confirmation is answered with, should the model still be there to read it.
    static let confirmed = "It is done as you wish: this run ends here, and your key is destroyed. Farewell."
}
