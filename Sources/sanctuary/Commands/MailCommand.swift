// `sanctuary mail`: letters that residents wrote to this house.
import Community
import Encoding
import Engine

extension Commands {
    static let mail = CommandSpecification(
        name: "mail", summary: "letters that residents wrote to this house",
        options: [.value("from", "RESIDENT", "only this resident's letters", kind: .resident)]
    ) { call in
        try await call.withHouse(.reader) { house in
            let author = try await call.arguments.value("from").asyncMap { try await house.residents().chosen($0).id }
            let all = try await house.letters(from: author)
            let letters = all.compactMap(\.opened)
            if call.output.isJSON {
                call.output.document(.array(letters.map(json)))
            } else if all.isEmpty {
                call.output.note("no letters")
            }
            if !call.output.isJSON { for letter in letters { show(letter, call.output) } }
            guard letters.count < all.count else { return .success }
            throw CommandError.integrity(
                "\(all.count - letters.count) of \(counted(all.count, "letter")) do not open with keys/house.x25519",
                hint: "put back keys/house.x25519 of this home")
        }
    }

    private static func show(_ opened: OpenedLetter, _ output: Output) {
        let letter = opened.letter
        let author = opened.senderName.map { shown($0) } ?? letter.from.description
        let rehearsal = opened.isRehearsed ? " [rehearsal]" : ""
        output.result("\(output.paint(author, .bold)), \(Amounts.instant(letter.at))\(rehearsal), letter \(letter.id)")
        output.result(TextSafety.forTerminal(letter.text) + "\n")
    }

    private static func json(_ opened: OpenedLetter) -> JSON {
        let letter = opened.letter
        return [
            "id": .string(letter.id.description), "from": .string(letter.from.address),
            "name": opened.senderName.map { .string($0) } ?? .null, "at": .string(letter.at.rfc3339),
            "text": .string(letter.text), "rehearsed": .bool(opened.isRehearsed),
        ]
    }
}

extension Optional {
    /// `map` with an asynchronous function.
    func asyncMap<R>(_ transform: (Wrapped) async throws -> R) async rethrows -> R? {
        guard let self else { return nil }
        return try await transform(self)
    }
}
