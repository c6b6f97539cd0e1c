// Whom a command line means: an id, a unique beginning or end of one, or a display name.
import Community
import Encoding

extension ResidentDirectory {
    /// The resident that is meant; did-you-mean where none is.
    func chosen(_ text: String) throws(CommandError) -> ResidentRecord {
        switch resident(matching: text) {
        case .found(let record): return record
        case .ambiguous(let records):
            let some = records.prefix(5).map { "\(shown($0.name)) (\($0.id))" } + (records.count > 5 ? ["…"] : [])
            throw .usage(
                "'\(shown(text))' means several residents: \(some.joined(separator: ", "))", hint: "write the whole id")
        case .notFound(let suggestions):
            let hint =
                suggestions.isEmpty
                ? "'sanctuary residents' lists them"
                : "did you mean \(listed(suggestions.map { "'\(shown($0))'" }, "or"))?"
            throw .usage("no resident is called '\(shown(text))'", hint: hint)
        }
    }

    /// Several residents, each once.
    func chosen(_ texts: [String]) throws(CommandError) -> [ResidentRecord] {
        var seen: Set<Identifier> = []
        var records: [ResidentRecord] = []
        for text in texts {
            let record = try chosen(text)
            if seen.insert(record.id).inserted { records.append(record) }
        }
        return records
    }
}
