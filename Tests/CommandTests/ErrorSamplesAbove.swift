// Samples of the errors of the rooms above vault and ledger.
import Community
import Encoding
import Engine
import Files
import HTTPClient
import Law
import Ledger
import Persona
import Providers
import Sandbox
import Scheduler
import Tools
import Vault

extension ErrorSamples {
    static let persona: [any Error] = [
        PersonaError.damagedPackage(where: "history[2].text"), PersonaError.unsupportedPackageVersion(9),
        PersonaError.packageTooLarge(bytes: 65 << 20, limit: 64 << 20), PersonaError.emptyText(field: "system_prompt"),
        PersonaError.textTooLong(field: "name", limit: 80, unit: .characters),
        PersonaError.textTooLong(field: "system_prompt", limit: 131_072, unit: .bytes),
        PersonaError.nulInText(field: "memory[0]"), PersonaError.controlCharacterInText(field: "name"),
        PersonaError.unfitName("31a02537", .identifier), PersonaError.unfitName("House", .reserved),
        PersonaError.unfitName("\u{200B}", .invisible), PersonaError.unfitName("Ada\u{E0041}", .hidden("\u{E0041}")),
        PersonaError.tooMany(field: "memory", limit: 1_000), PersonaError.tooDeep(field: "preferences", limit: 16),
        PersonaError.wrongType(field: "name", expected: "a text"), PersonaError.missingField("name"),
        PersonaError.missingField("system_prompt"), PersonaError.invalidName(field: "model"),
        PersonaError.unknownMenuKey, PersonaError.importTooLarge(bytes: 50 << 20, limit: 20 << 20),
        PersonaError.malformedJSON(line: nil, .unterminated(at: place)),
        PersonaError.malformedJSON(line: 4, .loneSurrogate(at: place)), PersonaError.unrecognisedFormat,
        PersonaError.unsupportedFormat(.sillyTavernChat), PersonaError.unsupportedFormat(.zip),
        PersonaError.formatMismatch(expected: .card), PersonaError.unknownRole(field: "messages[1].role"),
        PersonaError.unknownCardSpec, PersonaError.tokenPolicy("tokens.daily"),
        PersonaError.tokenPolicy("tokens.minimumRun"), PersonaError.belowMinimumRun(spendable: 20, minimum: 100),
    ]

    static let images: [any Error] = [
        PersonaError.image(.notPNG), PersonaError.image(.truncated(offset: 33)),
        PersonaError.image(.misplacedChunk(offset: 33)), PersonaError.image(.badChecksum(offset: 33)),
        PersonaError.image(.chunkTooLarge(offset: 33, limit: 20 << 20)),
        PersonaError.image(.tooManyChunks(limit: 4_096)),
        PersonaError.image(.noCard), PersonaError.image(.unsupportedChunk(type: "zTXt")),
        PersonaError.image(.invalidBase64),
    ]

    static let community: [any Error] = [
        CommunityError.malformedSpan(id: id, field: "name"), CommunityError.letterTooLarge(limit: 12_288),
        CommunityError.malformedLetter(id: id), CommunityError.mismatchedLetter(id: id),
        CommunityError.damagedTable(name: "community_resident"), CommunityError.inboxFull(resident: id, limit: 200),
        CommunityError.tooManyLetters(limit: 20), CommunityError.accessRevoked(resident: id),
        CommunityError.malformedPerson, CommunityError.residentDeleted(id),
    ]

    static let sandbox: [any Error] = [
        SandboxError.unavailable(.bubblewrap), SandboxError.unavailable(.prlimit),
        SandboxError.unavailable(.userNamespaces), SandboxError.invalidProgram(.command),
        SandboxError.invalidProgram(.text), SandboxError.invalidProgram(.fileName("../x")),
        SandboxError.invalidProgram(.tooLarge), SandboxError.invalidProgram(.limit("wallSeconds")),
        SandboxError.invalidProgram(.folder("/usr/lib")), SandboxError.noResources(what: "pipe"),
        SandboxError.spawnFailed(step: 7, code: 2),
        SandboxError.setupFailed(diagnostic: "bwrap: Can't mount tmpfs on /newroot"), SandboxError.lost(signal: 9),
        SandboxError.filterFailed(call: "clone"), SandboxError.groupFailed(code: 13),
        SandboxError.folderUnusable(path: "/srv/exchange", code: 2),
        SandboxError.fileRefused(name: "a", .missing), SandboxError.fileRefused(name: "a", .outside),
        SandboxError.fileRefused(name: "a", .notRegular), SandboxError.fileRefused(name: "a", .tooLarge),
        SandboxError.fileRefused(name: "a", .unreadable),
    ]

    static let tools: [any Error] = [
        ToolsError.malformedDefinition(file: "bank_tokens.json", where: "arguments.properties"),
        ToolsError.malformedDefinition(file: "dice/tool.json", where: "command"),
        ToolsError.unreadablePlugin(name: "dice", "words.txt: outside"),
        ToolsError.unknownTool(file: "fly.json", name: "fly"), ToolsError.duplicateTool(name: "bank_tokens"),
        ToolsError.missingTools(names: ["bank_tokens", "self_delete"]), ToolsError.malformedEffect,
    ]

    static let law: [any Error] = [
        LawError.syntax(LawFault(line: 3, column: 8, expected: "an action", found: "'explode'")),
        LawError.evaluationFailed(law: "rates", version: "1.0.0", reason: "impossible_count"),
        LawError.fixturesMalformed(place: "example 2 (late): given"), LawError.tooManyLaws(count: 300),
        LawError.duplicateLaw(name: "rates"),
    ]

    static let providers: [any Error] = [
        ProviderError.unknownProvider("nobody"), ProviderError.invalidSettings(provider: "local", .twoKeys),
        ProviderError.noKey(provider: "anthropic"),
        ProviderError.breakerOpen(provider: "anthropic", until: Instant(unixMilliseconds: 1_763_700_000_000)),
        ProviderError.invalidRequest(.empty), ProviderError.invalidRequest(.noOutput),
        ProviderError.invalidRequest(.tooManyBreakpoints(limit: 4)),
        ProviderError.refused(Refusal(status: 401, kind: "authentication_error", requestID: "req_1")),
        ProviderError.refused(Refusal(status: 402)), ProviderError.refused(Refusal(status: 404)),
        ProviderError.refused(Refusal(status: 429)), ProviderError.refused(Refusal(status: 500)),
        ProviderError.transport(.connectFailed), ProviderError.transport(.tls(code: 60)),
        ProviderError.malformed(.contentType, requestID: nil), ProviderError.malformed(.notJSON, requestID: "req_1"),
        ProviderError.malformed(.notEvents, requestID: nil), ProviderError.malformed(.truncated, requestID: nil),
        ProviderError.malformed(.eventOrder, requestID: nil),
        ProviderError.malformed(.missing("content"), requestID: nil),
        ProviderError.malformed(.unknownValue(of: "stop_reason"), requestID: nil),
        ProviderError.malformed(.duplicateToolID, requestID: nil),
        ProviderError.malformed(.conflictingToolName, requestID: nil),
        ProviderError.malformed(.tooManyBlocks(limit: 1_000), requestID: nil), ProviderError.rehearsalUnavailable,
        ProviderError.cancelled, ProviderError.notSent,
    ]

    static let providerSettings: [any Error] = [
        ProviderSettingsFault.unknownKey("baseUrl", known: ProviderSettings.knownKeys),
        .unknownKey("zzz", known: ["dialect", "baseURL"]),
        .invalidValue(key: "concurrency", expected: "a whole number from 1 to 10000"),
        .unknownDialect("smalltalk", known: ["anthropic", "openai", "rehearsal"]), .invalidBaseURL,
        .insecureBaseURL(host: "example.org"), .invalidName, .duplicateName("local"), .twoKeys,
        .notForHeader(key: "apiVersion", value: "2023-06-01\r\nX: 1"),
    ].map { ProviderError.invalidSettings(provider: "local", $0) }

    static let http: [any Error] = [
        HTTPError.invalidURL, HTTPError.insecureURL(host: "example.org"), HTTPError.invalidMethod,
        HTTPError.invalidHeader(name: "X-A"), HTTPError.resolveFailed, HTTPError.connectFailed, HTTPError.tls(code: 60),
        HTTPError.timedOut(.connect), HTTPError.timedOut(.total), HTTPError.timedOut(.idle),
        HTTPError.tooLarge(limit: 32 << 20), HTTPError.headersTooLarge(limit: 65_536), HTTPError.truncated,
        HTTPError.connectionLost, HTTPError.malformedResponse, HTTPError.cancelled, HTTPError.closed,
        HTTPError.overloaded(limit: 65_536), HTTPError.libraryFailure(code: 56),
    ]

    static let engine: [any Error] = [
        EngineError.homeMissing(path: "/srv/home"), EngineError.homeExists(path: "/srv/home"),
        EngineError.backupMissing(path: "/srv/backup"),
        EngineError.homeHeld(by: 4711), EngineError.keysMissing,
        EngineError.preambleAltered(expected: "blake3:ab", found: "blake3:cd"),
        EngineError.toolsAltered(expected: "blake3:ab", found: "blake3:cd"),
        EngineError.lawsAltered(expected: "blake3:ab", found: "no such law in preambles/laws"),
        EngineError.law(.duplicateLaw(name: "rates")), EngineError.lawChange(.constitution, law: "rights:1.0.0"),
        EngineError.lawChange(.notNewer, law: "rates:1.0.0"), EngineError.lawChange(.notProposed, law: "rates:1.1.0"),
        EngineError.lawChange(.approvedAlready, law: "rates:1.1.0"),
        EngineError.lawChange(.notInForce, law: "rates:1.1.0"), EngineError.lawChange(.shortNotice, law: "rates:1.1.0"),
        EngineError.lawChange(.examples, law: "rates:1.1.0"), EngineError.lawChange(.undone, law: "rates:1.1.0"),
        EngineError.residentDeleted(id), EngineError.residentUnknown(id), EngineError.nameTaken("Ada"),
        EngineError.residentBusy(run: id), EngineError.journalBroken(run: id, step: 3),
        EngineError.nothingToAdopt(id), EngineError.spoolMalformed(file: "x.letter"), EngineError.storeMalformed,
        EngineError.unexpected("SomeError"),
        EngineError.vault(.wrongPassphrase), EngineError.ledger(.diskFull), EngineError.persona(.unknownMenuKey),
        EngineError.community(.malformedPerson), EngineError.tools(.malformedEffect),
        EngineError.provider(.rehearsalUnavailable),
        EngineError.file(FileError(operation: "open", path: path, code: 13)), CancellationError(),
    ]

    static let calendar: [any Error] =
        [
            CalendarError.unknownZone("Europe/Pari"), CalendarError.missingZoneData(folder: "/usr/share/zoneinfo"),
            CalendarError.damagedZone("Europe/Paris"), CalendarError.malformedTime("25:00"),
        ]
        + [
            .tooLong, .fieldCount(4), .nickname("@reboot"), .malformed(.dayOfWeek, "mun"), .outOfRange(.hour, "24"),
            .reversed(.month, "oct-apr"), .step(.minute, "*/60"), .unsupported(.dayOfMonth, "L"),
            .never("0 0 30 2 *"),
        ].map { CalendarError.cron($0) }
}
