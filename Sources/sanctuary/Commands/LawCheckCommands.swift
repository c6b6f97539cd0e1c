// `sanctuary law check` and `law test`: whether laws can be read, and whether they decide as their examples say.
import Encoding
import Files
import Law

/// A law as a file holds it, beside the examples that lie in the same folder.
struct LawFile: Sendable {
    let path: String
    let bytes: [UInt8]
    let law: LawText
    let fixtures: LawFixtures?

    /// The path of the examples that belong to a law's file: `NAME.fixtures.json` for `NAME.law`.
    static func fixturesPath(of path: String) -> String {
        (path.hasSuffix(".law") ? String(path.dropLast(4)) : path) + ".fixtures.json"
    }

    /// Reads a law and, where they are, its examples.
    init(path: String, isStrict: Bool = false) throws {
        self.path = path
        bytes = try Files.read(path, maximumBytes: LawBounds.textBytes)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandError("\(shown(path, limit: 300)) is not UTF-8", hint: "save it as UTF-8")
        }
        law = try LawText(text, isStrict: isStrict)
        let beside = Self.fixturesPath(of: path)
        fixtures = Files.exists(beside) ? try LawFixtures(Files.read(beside, maximumBytes: 65_536)) : nil
    }
}

extension Commands {
    static let lawCheck = CommandSpecification(
        name: "check", summary: "read laws and say what is wrong with them, with line and column", operands: "FILE...",
        operandKind: .file, minimumOperands: 1, maximumOperands: CommandSpecification.unlimited,
        options: [
            .flag("strict", "accept the grammar as the source document prints it, and nothing that was added"),
            .flag("print", "print each law in its canonical form"),
        ],
        details: "Examples beside a law (NAME.fixtures.json for NAME.law) are run too. Exits 1 when a law is refused."
    ) { call in try check(call, isTest: false) }

    static let lawTest = CommandSpecification(
        name: "test", summary: "run the examples that lie beside laws", operands: "FILE...", operandKind: .file,
        minimumOperands: 1, maximumOperands: CommandSpecification.unlimited,
        details: "A law without examples of each of its branches, and of pending, is refused: it could not be enacted."
    ) { call in try check(call, isTest: true) }

    private static func check(_ call: Invocation, isTest: Bool) throws -> ExitCode {
        var isFine = true
        var documents: [JSON] = []
        for path in call.arguments.operands {
            do {
                let file = try LawFile(path: path, isStrict: call.arguments.has("strict"))
                let (json, passes) = try report(file, call, isTest: isTest)
                documents.append(json)
                isFine = isFine && passes
            } catch {
                var worded = worded(error)
                isFine = false
                var members: JSONObject = ["file": .string(path), "ok": false, "error": .string(worded.message)]
                if case LawError.syntax(let fault) = error {
                    members["line"] = .integer(Int64(fault.line))
                    members["column"] = .integer(Int64(fault.column))
                }
                if error is LawError { worded = worded.about(shown(path, limit: 300)) }
                documents.append(.object(members))
                if !call.output.isJSON { call.output.error(worded) }
            }
        }
        if call.output.isJSON { call.output.document(.array(documents)) }
        return isFine ? .success : .failure
    }

    private static func report(_ file: LawFile, _ call: Invocation, isTest: Bool) throws -> (json: JSON, passes: Bool) {
        let outcomes = try file.fixtures?.run(file.law) ?? []
        let missing = isTest ? file.fixtures?.missing(for: file.law) ?? ["anything"] : []
        let failed = outcomes.filter { !$0.passes }
        let undone = file.law.undoneActions
        let passes = failed.isEmpty && missing.isEmpty && undone.isEmpty
        if !call.output.isJSON {
            let paint = call.output.paint
            let word = passes ? paint("ok", .green) : paint("failed", .red)
            call.output.result(
                "\(word): \(file.law.id), \(file.law.layer.word) layer, \(counted(outcomes.count, "example"))")
            for outcome in failed {
                call.output.result("  \(shown(outcome.name)): expected \(outcome.expected), found \(outcome.found)")
            }
            for word in missing { call.output.result("  there is no example of \(word)") }
            for action in undone { call.output.result("  nothing carries out \(shown(action, limit: 200))") }
            if call.arguments.has("print") { call.output.result(file.law.canonicalText) }
        }
        let json: JSON = [
            "file": .string(file.path), "ok": .bool(passes), "law": .string(file.law.id.description),
            "layer": .string(file.law.layer.word), "canonical": .string(file.law.canonicalText),
            "missing": .array(missing.map { .string($0) }), "undone": .array(undone.map { .string($0) }),
            "examples": .array(
                outcomes.map {
                    [
                        "name": .string($0.name), "ok": .bool($0.passes), "expected": .string($0.expected),
                        "found": .string($0.found),
                    ]
                }),
        ]
        return (json, passes)
    }
}
