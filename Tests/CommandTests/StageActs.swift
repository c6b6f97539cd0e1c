// What happens to files between the commands of a transcript.
import Foundation
import Glibc
import TestSupport

extension Stage {
    /// Does one act; paths are relative to the stage's folder, and `*` at most once stands for part of a file's name.
    func act(_ words: [String]) throws {
        let words = words.map(expand)
        switch (words.first, words.count) {
        case ("write", 3): try writeFile(path(words[1]), Array(words[2].utf8))
        case ("fill", 4): try fill(path(words[1]), count: number(words[2]), byte: UInt8(number(words[3])))
        case ("nest", 3): try writeFile(path(words[1]), Array(nested(number(words[2])).utf8))
        case ("hex", 3): try writeFile(path(words[1]), hexadecimal(words[2]))
        case ("flip", 3): try flip(found(words[1]), at: number(words[2]))
        case ("cut", 3): try cut(found(words[1]), to: number(words[2]))
        case ("replace", 4): try replace(found(words[1]), words[2], with: words[3])
        case ("remove", 2): try FileManager.default.removeItem(atPath: found(words[1]))
        case ("copy", 3): try copy(words[1], words[2])
        case ("swap", 3): try swap(found(words[1]), found(words[2]))
        case ("mode", 3):
            guard chmod(try found(words[1]), mode_t(words[2], radix: 8) ?? 0) == 0 else { throw failure(words) }
        case ("hold", 1): try hold("\(home)/ledger.lock")
        case ("release", 1): release()
        default: throw failure(words)
        }
    }

    private func failure(_ words: [String]) -> StageError {
        StageError(path: words.joined(separator: " "), code: EINVAL)
    }

    private func path(_ relative: String) -> String {
        relative.hasPrefix("/") ? relative : "\(directory.path)/\(relative)"
    }

    private func number(_ word: String) throws -> Int {
        guard let number = Int(word) else { throw StageError(path: word, code: EINVAL) }
        return number
    }

    /// The first file that a name with a `*` fits, or with `#2` at its end the second; folders are looked through.
    private func found(_ pattern: String) throws -> String {
        let isSecond = pattern.hasSuffix("#2")
        let pattern = isSecond ? String(pattern.dropLast(2)) : pattern
        guard let star = pattern.firstIndex(of: "*") else { return path(pattern) }
        let (head, tail) = (pattern[..<star], pattern[pattern.index(after: star)...])
        let folder = head.lastIndex(of: "/").map { String(head[..<$0]) } ?? ""
        let all = FileManager.default.enumerator(atPath: path(folder))?.compactMap { $0 as? String } ?? []
        let names = all.map { folder.isEmpty ? $0 : "\(folder)/\($0)" }.sorted()
        let fitting = names.filter { $0.hasPrefix(head) && $0.hasSuffix(tail) }
        guard let name = fitting.dropFirst(isSecond ? 1 : 0).first else {
            throw StageError(path: pattern, code: ENOENT)
        }
        return path(name)
    }

    private func fill(_ path: String, count: Int, byte: UInt8) throws {
        try writeFile(path, [UInt8](repeating: byte, count: count))
    }

    private func nested(_ depth: Int) -> String {
        let lists = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        return "{\"name\":\"Deep\",\"system_prompt\":\"Be.\",\"preferences\":{\"a\":\(lists)}}"
    }

    private func hexadecimal(_ text: String) throws -> [UInt8] {
        let digits = Array(text.utf8)
        return try stride(from: 0, to: digits.count, by: 2).map { index in
            guard let byte = UInt8(String(decoding: digits[index...(index + 1)], as: UTF8.self), radix: 16) else {
                throw StageError(path: text, code: EINVAL)
            }
            return byte
        }
    }

    private func flip(_ path: String, at offset: Int) throws {
        var bytes = try readFile(path)
        bytes[offset < 0 ? bytes.count + offset : offset] ^= 1
        try writeFile(path, bytes)
    }

    private func cut(_ path: String, to count: Int) throws {
        try writeFile(path, Array(try readFile(path).prefix(count)))
    }

    /// Replaces the first occurrence by as many bytes.
    private func replace(_ path: String, _ old: String, with new: String) throws {
        var bytes = try readFile(path)
        guard old.utf8.count == new.utf8.count, let range = bytes.firstRange(of: Array(old.utf8)) else {
            throw StageError(path: "\(path): \(old)", code: ENOENT)
        }
        bytes.replaceSubrange(range, with: Array(new.utf8))
        try writeFile(path, bytes)
    }

    private func copy(_ source: String, _ target: String) throws {
        let target = path(target)
        try? FileManager.default.removeItem(atPath: target)
        try FileManager.default.copyItem(atPath: try found(source), toPath: target)
    }

    private func swap(_ one: String, _ other: String) throws {
        let bytes = try readFile(one)
        try writeFile(one, try readFile(other))
        try writeFile(other, bytes)
    }
}
