// Plugins: what they say of themselves, their hash, the shelf, and the three that are shipped, called in the sandbox.
import Encoding
import Glibc
import Law
import Providers
import Sandbox
import TestSupport
import Testing
import Tools

/// The checkout's own tools.
private let shipped =
    #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/") + "/tools"

private let sandbox: Sandbox? = {
    guard let sandbox = try? Sandbox(time: .system) else { return nil }
    if case .none = sandbox.tier { return nil }
    return access("/usr/bin/python3", X_OK) == 0 ? sandbox : nil
}()

private let need: Comment = "needs bubblewrap, user namespaces and /usr/bin/python3"

private func offer(_ folder: String, _ tool: String, in directory: String = shipped) throws -> PluginOffer {
    let plugin = try PluginFolder(directory: directory, name: folder)
    return PluginOffer(folder: plugin, tool: try #require(plugin.definition.tools.first { $0.name == tool }))
}

private func ask(
    _ offer: PluginOffer, _ arguments: JSONObject, kept: String = ""
) async throws -> PluginAnswer {
    let now = try #require(Instant(rfc3339: "2026-11-21T06:00:00.000Z"))
    let call = PluginCall(offer: offer, arguments: arguments, today: "2026-11-21", now: now, kept: kept)
    return try await call.answer(in: try #require(sandbox))
}

/// Writes a plugin of one shell script and reads it.
private func script(
    _ body: String, in directory: TemporaryDirectory, more: String = ""
) throws -> PluginOffer {
    let path = "\(directory.path)/tried"
    mkdir(path, 0o755)
    // However long a busy machine keeps the script waiting, it ends by itself.
    let definition = """
        {"version": 1, "summary": "A script.", "kind": "program", "command": ["/usr/bin/sh", "/tool/run.sh"],
         "limits": {"wallSeconds": 600, "idleSeconds": 600}\(more),
         "tools": [{"name": "tried", "description": "Is tried.", "permission": "observe", "effect": "pure",
         "arguments": {"type": "object", "properties": {}}}]}
        """
    try writeFile("\(path)/tool.json", Array(definition.utf8))
    try writeFile("\(path)/run.sh", Array(body.utf8))
    return try offer("tried", "tried", in: directory.path)
}

@Suite(.enabled(if: sandbox != nil, need)) struct ShippedPluginTests {
    @Test func diceFall() async throws {
        let roll = try offer("dice_and_calendar", "roll_dice")
        let answer = try await ask(roll, ["dice": "3d6+10"])
        #expect(!answer.isError)
        let sum = try #require(answer.text.split(separator: " ").last.flatMap { Int($0) })
        #expect((13...28).contains(sum))
        #expect(try await ask(roll, ["dice": "a lot"]).isError)
        #expect(try await ask(roll, ["dice": "999d6"]).isError)
    }

    @Test func theCalendarIsAsked() async throws {
        let calendar = try offer("dice_and_calendar", "calendar")
        let today = try await ask(calendar, [:])
        #expect(today.text == "2026-11-21 is a Saturday, day 325 of the year, week 47 of 2026 (ISO 8601).")
        let later = try await ask(calendar, ["date": "2026-12-24", "days": "7"])
        #expect(later.text.contains("in 33 days") && later.text.contains("+7 days: 2026-12-31, a Thursday."))
        #expect(try await ask(calendar, ["date": "yesterday"]).isError)
    }

    @Test func textsAreCountedByTheServer() async throws {
        let count = try offer("text_statistics", "text_statistics")
        let answer = try await ask(count, ["text": "One two. Two three four!", "frequent": 1])
        #expect(!answer.isError)
        #expect(answer.text.contains("words: 5, 4 different") && answer.text.contains("used most: two 2"))
        #expect(try await ask(count, ["text": "x", "frequent": 51]).isError)
    }

    @Test func theNotebookKeeps() async throws {
        let notebook = try offer("notebook", "notebook")
        let secret = "ink \u{1F58B} and \"quotes\""
        let written = try await ask(notebook, ["action": "write", "title": "first", "text": .string(secret)])
        let kept = try #require(written.kept)
        let read = try await ask(notebook, ["action": "read", "title": "first"], kept: kept)
        #expect(read.text == secret && read.kept == nil)
        #expect(try await ask(notebook, ["action": "search", "text": "INK"], kept: kept).text.contains("first: ink"))
        let removed = try await ask(notebook, ["action": "remove", "title": "first"], kept: kept)
        #expect(removed.kept == "{}")
        #expect(try await ask(notebook, ["action": "read", "title": "none"], kept: kept).isError)
        #expect(try await ask(notebook, ["action": "list"]).text == "Your notebook is empty.")
    }

    @Test func theShippedServerSpeaksTheOlderEraToo() async throws {
        let plugin = try PluginFolder(directory: shipped, name: "text_statistics")
        // Its clock stands: however late the server answers, it is not taken for one of the older era.
        let time = TimeSource(now: { Instant(unixMilliseconds: 0) }, monotonicNanoseconds: { 1 })
        let sandbox = try Sandbox(time: time)
        let modern = try await sandbox.run(plugin.program, speaking: MCPConversation(wish: .tools))
        #expect(modern.speaker.version == "2026-07-28")
        let older = try await sandbox.run(
            plugin.program, speaking: MCPConversation(wish: .tools, beginsModern: false))
        #expect(older.speaker.version == "2025-11-25")
        #expect(older.speaker.answer == modern.speaker.answer)
        guard case .tools(let tools) = older.speaker.answer else {
            Issue.record("no tools were listed")
            return
        }
        #expect(tools.map(\.name) == ["text_statistics"] && tools.first?.required == ["text"])
    }
}

@Suite(.enabled(if: sandbox != nil, need)) struct PluginFaultTests {
    private let directory: TemporaryDirectory
    init() throws { directory = try TemporaryDirectory() }

    @Test(arguments: [
        ("echo nonsense", "no JSON object"), ("echo '{}'", "has no text"), ("echo '[1]'", "no JSON object"),
        ("echo '{\"error\": \"not today\"}'", "not today"), ("echo oh >&2; exit 3", "exit code 3"),
        ("kill -9 $$; sleep 1", "exit code 0"), ("head -c 900000 /dev/zero | tr '\\0' x", "too long"),
        ("head -c 2000000 /dev/zero", "wrote too much"),
    ])
    func aToolsFaultIsAnAnswer(body: String, says: String) async throws {
        let answer = try await ask(try script("\(body)\n", in: directory), [:])
        #expect(answer.isError || says == "exit code 0")
        if says != "exit code 0" { #expect(answer.text.contains(says), "\(answer.text)") }
    }

    @Test func keptTextIsTakenOnlyWhereItIsDeclared() async throws {
        let answer = try await ask(
            try script("echo '{\"text\": \"x\", \"kept\": \"y\"}'\n", in: directory), [:])
        #expect(answer.text == "x" && answer.kept == nil)
    }

    @Test func filesOfTheExchangeFolderAreRead() async throws {
        let exchange = "\(directory.path)/exchange"
        #expect(mkdir(exchange, 0o777) == 0 && chmod(exchange, 0o777) == 0 && chmod(directory.path, 0o755) == 0)
        let body = """
            echo found > /exchange/good; ln -s /etc/passwd /exchange/link
            echo '{"text": "see", "files": ["good", "link", "../tried/run.sh"]}'
            """
        let answer = try await ask(try script(body, in: directory, more: ", \"exchange\": \"\(exchange)\""), [:])
        #expect(answer.text.contains("[file good]\nfound"))
        #expect(answer.text.contains("[file link is not read: outside]"))
        #expect(answer.text.contains("[file ../tried/run.sh is not read: outside]"))
    }
}

@Suite struct PluginShelfTests {
    private let directory: TemporaryDirectory
    init() throws { directory = try TemporaryDirectory() }

    @Test func everyFileCountsInTheHash() throws {
        let first = try script("echo 1", in: directory).folder
        #expect(first.hash == (try script("echo 1", in: directory).folder.hash))
        #expect(first.hash != (try script("echo 2", in: directory).folder.hash))
        try writeFile("\(directory.path)/tried/more", [])
        #expect(first.hash != (try script("echo 1", in: directory).folder.hash))
    }

    @Test func onlyWhatWasAcceptedIsOffered() throws {
        let folder = try script("echo 1", in: directory).folder
        func shelf(_ accepted: [String: String], isOpen: Bool = true) -> PluginShelf {
            PluginShelf(folders: [folder], faults: [], accepted: accepted, isOpen: isOpen)
        }
        #expect(shelf([:]).plugins.first?.state == .new && shelf([:]).declarations.isEmpty)
        let other = shelf(["tried": "blake3:00"])
        #expect(other.plugins.first?.state == .changed(accepted: "blake3:00") && other[tool: "tried"] == nil)
        #expect(shelf(["tried": folder.hash]).declarations.map(\.name) == ["tried"])
        #expect(shelf(["tried": folder.hash], isOpen: false).declarations.isEmpty)
    }

    @Test func linksAreNotFollowed() throws {
        _ = try script("echo 1", in: directory)
        #expect(symlink("/etc/passwd", "\(directory.path)/tried/words") == 0)
        #expect(throws: ToolsError.unreadablePlugin(name: "tried", "words: outside")) {
            try PluginFolder(directory: directory.path, name: "tried")
        }
    }

    @Test(arguments: [
        ("\"version\": 1", "\"version\": 0", "version"), ("\"program\"", "\"shell\"", "kind"),
        ("\"observe\"", "\"forbidden\"", "tools[0].permission"), ("\"pure\"", "\"staged\"", "tools[0].effect"),
        ("/usr/bin/sh", "-sh", "command"), ("\"wallSeconds\": 600", "\"wallSeconds\": 0", "limits.wallSeconds"),
        ("\"wallSeconds\": 600", "\"seconds\": 5", "limits.seconds"),
        ("\"name\": \"tried\"", "\"name\": \"self_delete\"", "tools[0].name"),
        ("\"summary\"", "\"surprise\"", "definition.surprise"),
    ])
    func aDefinitionIsReadStrictly(part: String, instead: String, place: String) throws {
        _ = try script("echo 1", in: directory)
        let path = "\(directory.path)/tried/tool.json"
        let text = String(decoding: try readFile(path), as: UTF8.self)
        let range = try #require(text.firstRange(of: part))
        try writeFile(path, Array(text.replacingCharacters(in: range, with: instead).utf8))
        #expect(throws: ToolsError.malformedDefinition(file: "tried/tool.json", where: place)) {
            try PluginFolder(directory: directory.path, name: "tried")
        }
    }
}

extension String {
    fileprivate func replacingCharacters(in range: Range<String.Index>, with text: String) -> String {
        var copy = self
        copy.replaceSubrange(range, with: text)
        return copy
    }
}
