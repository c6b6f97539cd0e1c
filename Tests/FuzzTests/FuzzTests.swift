// A short run of every fuzzer: the same entry points, mutations of the same seeds, the same inputs every time.
import FoundationEssentials
import FuzzTargets
import TestSupport
import Testing

/// Words that bring a mutation deeper into a parser than single bytes would.
private func words(of target: FuzzTarget) -> [String] {
    switch target {
    case .blobHeader, .keyring: ["SVKR", "\u{0}\u{1}", "\u{0}\u{2}\u{0}\u{10}\u{0}\u{0}\u{0}\u{70}"]
    case .json, .span, .persona:
        [
            "{\"a\":", "[[[[[[[[", "]]]]", "\\ud83d", "\\u0000", "1e400", "-0", "9007199254740992", "null", "\"\",",
            "\u{FEFF}", "/*", "//\n", "Infinity", "\"seq\":0,", "\"messages\":[", "\"role\":\"system\",",
        ]
    case .eventStream: ["data: ", "\r", "\n\n", "event:", "id: \u{0}", "retry: 99999999999999999999", "\u{FEFF}", ":"]
    case .reply:
        [
            "\n\ndata: ", "[DONE]", "\"index\":1,", "\"index\":-1,", "\"id\":\"t1\",", "null", "1e30", "\"error\":{},",
            "\"stop_reason\":\"refusal\"", "\"finish_reason\":\"content_filter\"",
            "data: {\"type\":\"message_stop\"}\n\n",
        ]
    case .batch:
        [
            "\n", "\r\n", "\"custom_id\":\"r1\",", "\"result\":{\"type\":\"errored\"},", "\"type\":\"expired\"",
            "\"status_code\":200,", "\"status_code\":-1,", "\"response\":null,", "\"request_id\":\"a b\",",
            "\"error\":{\"type\":\"x y\",\"code\":\"z\"},", "null", "[]", "9223372036854775808",
            "\"stop_reason\":\"refusal\"", "\"finish_reason\":\"content_filter\"",
        ]
    case .law:
        [
            "law a:1.0.0:\n", "if ok: ", "if doubt: ", "if not: ", "\n then: ", " AND ", " OR ", "NOT ", "(", ")",
            "in [",
            "]", "24h", "9999999999999", "0.000001", "hold(hours=8760)", "modify(delay=next_day)", "layer: user\n",
            "clock: midnight Europe/Paris\n", "# ", "\u{202E}", "'", "\"", " - -1", "append_ledger, ",
        ]
    case .card: ["tEXt", "chara\u{0}", "ccv3\u{0}", "IEND", "IHDR", "e30=", "\u{0}\u{0}\u{0}\u{0}", "\u{7F}\u{7F}"]
    }
}

/// Folders of the shared data whose files are seeds too, where they are present.
private func sharedFolders(of target: FuzzTarget) -> [String] {
    guard SharedData.isPresent else { return [] }
    return switch target {
    case .reply, .eventStream: ["samples/anthropic-sse", "samples/captured"]
    case .card, .persona: ["samples/synthetic"]
    case .json: ["vectors/jcs/testdata/input"]
    case .blobHeader, .keyring, .span, .batch, .law: []
    }
}

@Suite struct FuzzTests {
    private let checkout = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        .joined(separator: "/")

    private func seeds(of target: FuzzTarget) throws -> [[UInt8]] {
        var folders = ["\(checkout)/Fuzz/seeds/\(target.rawValue)"]
        folders += sharedFolders(of: target).map(SharedData.path)
        var seeds: [[UInt8]] = []
        for folder in folders {
            for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() {
                seeds.append(try readFile("\(folder)/\(name)"))
            }
        }
        return seeds.filter { $0.count <= Mutations.maximumBytes }
    }

    @Test(arguments: FuzzTarget.allCases)
    func mutationsBreakNoProperty(_ target: FuzzTarget) throws {
        let seeds = try seeds(of: target)
        #expect(!seeds.isEmpty)
        for seed in seeds { try target.take(seed) }
        let seed: UInt64 = 20_261_121
        for (number, input) in Mutations(of: seeds, words: words(of: target), seed: seed).prefix(1_500).enumerated() {
            do {
                try target.take(input)
            } catch {
                Issue.record("\(target.rawValue), seed \(seed), mutation \(number): \(error)")
                return
            }
        }
    }

    @Test func mutationsAreTheSameForTheSameSeed() {
        let seeds = [Array("{\"a\":1}".utf8), [1, 2, 3]]
        let first = Array(Mutations(of: seeds, words: ["x"], seed: 7).prefix(200))
        #expect(first == Array(Mutations(of: seeds, words: ["x"], seed: 7).prefix(200)))
        #expect(first != Array(Mutations(of: seeds, words: ["x"], seed: 8).prefix(200)))
        #expect(Set(first).count > 100)
    }

    /// Were every seed refused, no mutation would reach the properties.
    @Test(arguments: FuzzTarget.allCases)
    func someSeedsAreAccepted(_ target: FuzzTarget) throws {
        let accepted = try seeds(of: target).filter { try target.take($0) }
        #expect(!accepted.isEmpty)
    }
}
