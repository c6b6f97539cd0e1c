// Mail and admissions handed to a running owner: sealed files, written whole, taken in with their spans.
public import Community
import Cryptography
public import Encoding
import Files
import Ledger
public import Persona
public import Providers
import SQLite
import Vault

/// What was taken out of the spool.
public struct SpoolReport: Sendable, Equatable {
    /// Letters that were queued.
    public var letters = 0
    /// Personas that were admitted.
    public var admitted: [AdmittedResident] = []
    /// Files that could not be taken in, and why; they stay, renamed to end in `.refused`.
    public var refused: [SpoolRefusal] = []
    /// The first fault that is none of the files'; what it left in the spool is tried again next time.
    public var fault: EngineError?

    /// A report of nothing taken in, because of `fault` where there is one.
    public init(fault: EngineError? = nil) { self.fault = fault }

    /// Whether there is nothing to tell.
    public var isEmpty: Bool { letters == 0 && admitted.isEmpty && refused.isEmpty && fault == nil }
}

/// A file of the spool that could not be taken in.
public struct SpoolRefusal: Sendable, Equatable {
    /// The file's name.
    public let file: String
    /// Why.
    public let error: EngineError
}

extension House {
    private static let letterSuffix = ".letter"
    private static let admissionSuffix = ".admission"
    /// At most this many bytes are one file of the spool.
    static let spoolFileBytes = 64 * 1_024 * 1_024
    /// At most so many files wait in the spool.
    static let spoolFiles = 10_000

    /// Leaves a letter for the owner of the home; the house needs to be open for reading alone.
    @discardableResult
    public func spoolLetter(
        _ text: String, to resident: ResidentRecord, as name: String?
    ) async throws(EngineError) -> Identifier {
        try await asEngineError {
            let now = surroundings.time.now()
            let id = surroundings.identifiers.next()
            var sender = Correspondent.house
            var introduction: JSON = .null
            if let name {
                let known = try await community.person(named: name)
                sender = .human(try known ?? newPersonID(named: name))
                let sealed = try SealedBox.seal(Array(name.utf8), to: houseKey)
                if known == nil { introduction = .string(Base64.encode(sealed)) }
            }
            let letter = Letter(id: id, to: .resident(resident.id), from: sender, at: now, text: text)
            let box = try SealedBox.seal(letter.canonicalBytes(), to: resident.inboxKey)
            let file: JSON = [
                "format": "sanctuary.spool.letter", "version": 1, "id": .string(id.description),
                "to": .string(resident.id.description), "from": .string(sender.description), "name": introduction,
                "at": .string(now.rfc3339), "box": .string(Base64.encode(box)),
            ]
            try put(file.serialized(), as: id.description + Self.letterSuffix)
            return id
        }
    }

    /// Leaves a persona for the owner of the home, sealed to the house key.
    public func spoolAdmission(
        bytes: [UInt8], fileName: String, format: ImportFormat?, name: String?, model: ModelName
    ) throws(EngineError) {
        try asEngineErrorNow {
            let content: JSON = [
                "file": .string(fileName), "format": format.map { .string($0.rawValue) } ?? .null,
                "name": name.map { .string($0) } ?? .null, "model": .string(model.description),
                "bytes": .string(Base64.encode(bytes)),
            ]
            let sealed = try SealedBox.seal(content.serialized(), to: houseKey)
            try put(sealed, as: surroundings.identifiers.next().description + Self.admissionSuffix)
        }
    }

    private func put(_ bytes: [UInt8], as name: String) throws {
        // Without it nobody could leave anything, and it holds nothing that would be missed.
        try Files.createDirectory(paths.spool)
        guard try Files.list(paths.spool).count < Self.spoolFiles else {
            throw EngineError.file(FileError(operation: "write", path: paths.spool, code: 122))
        }
        try Files.createExclusively(bytes, at: "\(paths.spool)/\(name)")
    }

    /// Takes in what waits, oldest first; the owner calls it before it claims runs.
    ///
    /// Throws only where the spool cannot be listed; a fault on the way stands in the report.
    public func takeInSpool() async throws(EngineError) -> SpoolReport {
        try await asEngineError { try await spoolGate.run { try await takeInWaiting() } }
    }

    private func takeInWaiting() async throws -> SpoolReport {
        var report = SpoolReport()
        for file in try waiting() {
            let path = "\(paths.spool)/\(file)"
            do {
                if file.hasSuffix(Self.letterSuffix) {
                    try await takeInLetter(path, file)
                    report.letters += 1
                } else if file.hasSuffix(Self.admissionSuffix) {
                    report.admitted += try await takeInAdmission(path, file)
                } else {
                    continue
                }
                try Files.remove(path)
            } catch {
                let error = EngineError.wrapping(error)
                guard error.isOfSpoolFile else {
                    // A full disk or a broken ledger is no fault of the file: it waits, and so does the rest.
                    report.fault = report.fault ?? error
                    if error.isOfOneFile { continue }
                    return report
                }
                report.refused.append(SpoolRefusal(file: file, error: error))
                try? Files.rename(path, to: path + ".refused")
            }
        }
        return report
    }

    private func waiting() throws -> [String] {
        do throws(FileError) {
            return try Files.list(paths.spool)
        } catch {
            if error.isMissing { return [] }
            throw error
        }
    }

    private func takeInLetter(_ path: String, _ file: String) async throws {
        let bytes = try Files.read(path, maximumBytes: 131_072, regularOnly: true)
        guard let json = try? JSON.parse(bytes), json["format"]?.string == "sanctuary.spool.letter",
            json["version"]?.integer == 1, let id = json["id"]?.string.flatMap({ Identifier($0) }),
            let to = json["to"]?.string.flatMap({ Identifier($0) }),
            let from = json["from"]?.string.flatMap({ Correspondent($0) }),
            let box = json["box"]?.string.flatMap({ Base64.decode($0) }), "\(id)\(Self.letterSuffix)" == file
        else { throw EngineError.spoolMalformed(file: file) }
        let now = surroundings.time.now()
        // Written before, should the program have died between the commit and the removal of the file.
        let isKnown = try await ledger.read { try CommunityTables.letter(id, now: now, in: $0) != nil }
        guard !isKnown else { return }
        if case .human(let human) = from, let introduction = json["name"]?.string {
            try await introduce(human, introduction, file: file, at: now)
        }
        try await takeIn(id, box, from: from, to: to, at: now)
    }

    private func introduce(_ human: Identifier, _ sealed: String, file: String, at now: Instant) async throws {
        let secret = try HomeKeys.houseKey(paths: VaultPaths(home: paths.root))
        guard let box = Base64.decode(sealed),
            let opened = try? SealedBox.open(box, publicKey: houseKey, secret: secret.bytes),
            let name = opened.withUnsafeBytes({ String(validating: Array($0), as: UTF8.self) })
        else { throw EngineError.spoolMalformed(file: file) }
        // Written down by an earlier letter, perhaps with a key of their own since.
        let isKnown = try await ledger.read { try CommunityTables.name(of: .human(human), in: $0) != nil }
        guard !isKnown else { return }
        try await record([]) { connection in
            try CommunityStore.putPerson(human, name: name, at: now, in: connection)
        }
    }

    private func takeInAdmission(_ path: String, _ file: String) async throws -> [AdmittedResident] {
        let sealed = try Files.read(path, maximumBytes: Self.spoolFileBytes, regularOnly: true)
        let secret = try HomeKeys.houseKey(paths: VaultPaths(home: paths.root))
        guard let opened = try? SealedBox.open(sealed, publicKey: houseKey, secret: secret.bytes),
            let json = opened.withUnsafeBytes({ try? JSON.parse($0) }), let name = json["file"]?.string,
            let model = json["model"]?.string.flatMap({ ModelName($0) }),
            let bytes = json["bytes"]?.string.flatMap({ Base64.decode($0) })
        else { throw EngineError.spoolMalformed(file: file) }
        let persona = try PersonaImport.read(
            bytes, format: json["format"]?.string.flatMap { ImportFormat(rawValue: $0) }, fileName: name,
            name: json["name"]?.string)
        // The file's name is the resident's id, so that a kill between commit and removal admits nobody twice.
        guard let id = Identifier(String(file.dropLast(Self.admissionSuffix.count))) else {
            throw EngineError.spoolMalformed(file: file)
        }
        return try await admit([(id, Admission(persona: persona, model: model))])
    }
}

extension EngineError {
    /// Whether a file of the spool can never be taken in, however often it is tried.
    fileprivate var isOfSpoolFile: Bool {
        switch self {
        case .spoolMalformed, .persona, .nameTaken, .residentDeleted, .residentUnknown: true
        case .community(.damagedTable): false
        case .community: true
        // Too large, or no regular file; any other fault of the file system is not of this file's making.
        case .file(let error): error.isTooLarge || error.isIrregular
        case .ledger(.tooLarge), .ledger(.invalidField), .ledger(.notCanonical): true
        default: false
        }
    }

    /// Whether the fault may be of this file alone, such as its permissions, and the next one is worth trying.
    fileprivate var isOfOneFile: Bool {
        if case .file(let error) = self { return !error.isDiskFull && !error.isReadOnly }
        return false
    }
}
