// The source files that the house rules are checked on.
import Foundation

/// One Swift file of the checkout.
struct Source: Sendable {
    let path: String
    let text: String

    var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }

    /// The room (or test target) whose folder holds the file.
    var room: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }

    /// The modules it imports, in whatever way.
    var imports: [String] {
        lines.compactMap { line in
            let words = line.split(separator: " ")
            guard let at = words.firstIndex(of: "import"), at + 1 < words.count, at <= 2,
                words[..<at].allSatisfy({ $0.hasPrefix("@") || Self.access.contains(String($0)) })
            else { return nil }
            let kinds: Set<Substring> = ["struct", "class", "enum", "func", "protocol", "var", "typealias"]
            let name = kinds.contains(words[at + 1]) ? words.dropFirst(at + 2).first : words[at + 1]
            return name.map { String($0.prefix { $0 != "." }) }
        }
    }

    private static let access: Set<String> = ["public", "internal", "package", "private", "fileprivate"]

    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path(percentEncoded: false)

    static func all(under folder: String) -> [Source] {
        guard let files = FileManager.default.enumerator(atPath: "\(root)\(folder)") else { return [] }
        return files.compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") }.sorted().compactMap { name in
            guard let text = try? String(contentsOfFile: "\(root)\(folder)/\(name)", encoding: .utf8) else {
                return nil
            }
            return Source(path: "\(folder)/\(name)", text: text)
        }
    }

    static let sources = all(under: "Sources")
    static let tests = all(under: "Tests")
}
