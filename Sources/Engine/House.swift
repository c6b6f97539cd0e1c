// An opened home: its ledger, its vault where keys were given, its texts and its community.
public import Community
import Cryptography
public import Encoding
import Files
import Law
public import Ledger
import SQLite
public import Sandbox
import Synchronization
public import Tools
public import Vault

/// What a process may do with the home that it opens.
public enum HomeAccess: Sendable {
    /// Read the ledger and what follows from it, beside whoever owns the home.
    case reader
    /// Write the ledger, without opening anything that is sealed; one process at a time.
    case writer
    /// Write, and open residents with one of these master keys; one process at a time.
    case owner(masterKeys: [MasterKey])
}

/// Civil days in the node's zone, as the scheduler's calendar knows them; handed in, so that this room needs no
/// calendar.
public struct CivilTime: Sendable {
    let day: @Sendable (Instant) -> CivilDate
    let start: @Sendable (CivilDate, Int) -> Instant

    /// Civil time of these functions.
    ///
    /// - Parameters:
    ///   - day: the civil day that an instant falls on.
    ///   - start: the first instant of the civil day that follows a day by so many days.
    public init(
        day: @escaping @Sendable (Instant) -> CivilDate, start: @escaping @Sendable (CivilDate, Int) -> Instant
    ) {
        self.day = day
        self.start = start
    }
}

/// The sealed files of a resident that its last verified spans name.
struct SealedTruth: Sendable {
    /// The package.
    let generation: Generation
    /// What has left the package, numbered by place.
    let episodes: [Generation]

    /// What a span says that carries a generation.
    init(_ span: Span) throws(EngineError) {
        guard let number = span.metadata["generation"]?.integer, number >= 0,
            let header = span.metadata["header"]?.string.flatMap(HashText.blake3Bytes)
        else { throw .storeMalformed }
        generation = Generation(number: UInt64(number), headerHash: header)
        var episodes: [Generation] = []
        for hash in span.metadata["episodes"]?.array ?? [] {
            guard let hash = hash.string.flatMap(HashText.blake3Bytes) else { throw .storeMalformed }
            episodes.append(Generation(number: UInt64(episodes.count), headerHash: hash))
        }
        self.episodes = episodes
    }
}

/// One home, opened.
///
/// `close` it when done.
public final class House: Sendable {
    /// Where its parts lie.
    public let paths: HomePaths
    /// The record.
    public let ledger: Ledger
    /// The settings of runs.
    public let settings: EngineSettings
    /// Time, randomness, identifiers.
    public let surroundings: HomeSurroundings
    /// The preamble that every context opens with, checked against its pin.
    public let preamble: Preamble
    /// What residents can do.
    public let residentTools: ResidentTools
    /// The X25519 key that letters to this house are sealed to, 32 bytes.
    public let houseKey: [UInt8]
    /// Who acts for the node's operator: an id made from the node's key, so that it needs no file of its own.
    public let operatorID: Identifier
    /// Every question that is asked of residents, posts, mail and keepers.
    public let community: CommunityReader
    /// What plugin tools run in; none where the home was opened without.
    public let sandbox: Sandbox?
    /// The laws in text, and what was changed of them.
    let laws: HouseLaws
    let unlocked: Vault?
    let civilTime: CivilTime
    let directoryCache = DirectoryCache()
    /// Only one change of the keyring can be under way.
    let keyringGate = SerialGate()
    /// Only one intake of the spool can be under way.
    let spoolGate = SerialGate()

    init(
        paths: HomePaths, ledger: Ledger, vault: Vault?, settings: EngineSettings, surroundings: HomeSurroundings,
        texts: PinnedTexts, houseKey: [UInt8], civilTime: CivilTime, sandbox: Sandbox?, plugins: PluginShelf
    ) {
        self.paths = paths
        self.ledger = ledger
        self.unlocked = vault
        community = CommunityReader(ledger)
        self.settings = settings
        self.surroundings = surroundings
        self.houseKey = houseKey
        self.civilTime = civilTime
        self.sandbox = sandbox
        preamble = texts.preamble
        let limits = LawLimits(dailyTokens: settings.dailyTokens)
        residentTools = ResidentTools(
            definitions: texts.definitions, checker: .standard(limits: limits), plugins: plugins)
        laws = HouseLaws(founding: texts.laws.laws, isInText: texts.hasLawsInText, limits: limits)
        operatorID = Self.operatorID(of: ledger.key)
    }

    /// The vault; an error where the home was opened without its keys.
    public func openedVault() throws(EngineError) -> Vault {
        guard let unlocked else { throw .keysMissing }
        return unlocked
    }

    /// Ends writing and frees the home for another process.
    public func close() async { await ledger.close() }

    /// Runs a body with this home, and closes it whichever way the body ends.
    public func closing<R>(after body: (House) async throws -> R) async throws -> R {
        do {
            let result = try await body(self)
            await close()
            return result
        } catch {
            await close()
            throw error
        }
    }

    /// The current generation of a resident: of its last verified span that carries one, never of a projection.
    ///
    /// With it the episodes that the same span names, numbered by their places.
    func truth(of resident: Identifier) async throws -> SealedTruth {
        guard let span = try await ledger.lastSpan(of: resident, types: [.vaultSealed, .residentAdmitted]) else {
            throw EngineError.residentUnknown(resident)
        }
        return try SealedTruth(span)
    }

    /// The first instant of the civil day that follows `day` by `count` days.
    func instant(daysAfter day: CivilDate, count: Int) -> Instant { civilTime.start(day, count) }

    /// The civil day that an instant falls on, in the node's zone.
    func dayOf(_ instant: Instant) -> CivilDate { civilTime.day(instant) }

    /// All residents as the directory has them now.
    public func residents() async throws(EngineError) -> ResidentDirectory {
        try await asEngineError {
            try await community.directory()
        }
    }

    /// The residents of some ids as they are now, in that order.
    public func residents(_ ids: [Identifier]) async throws(EngineError) -> [ResidentRecord] {
        try await asEngineError {
            try await community.residents(ids)
        }
    }

    /// The operator's id: the BLAKE3 of the node's public key in the form of a UUID (version 8, RFC 9562).
    static func operatorID(of key: VerifyingKey) -> Identifier {
        identifier(BLAKE3.deriveKey(context: "sanctuary 2026-11-21 operator id", material: key.bytes, count: 16))
    }

    /// The id that a person of a name gets when nobody has it yet, whoever writes it down first.
    ///
    /// Made from the secret of the house key and the name (version 8, RFC 9562): it tells nothing to anybody else.
    func newPersonID(named name: String) throws -> Identifier {
        let secret = try HomeKeys.houseKey(paths: VaultPaths(home: paths.root))
        let context = "sanctuary 2026-11-21 person id"
        // The secret has a fixed length, so the two cannot be cut otherwise.
        let material = SecretBytes(count: secret.bytes.count + name.utf8.count) { buffer in
            secret.bytes.withUnsafeBytes { buffer.copyMemory(from: $0) }
            UnsafeMutableRawBufferPointer(rebasing: buffer[secret.bytes.count...]).copyBytes(from: name.utf8)
        }
        let hash = BLAKE3.deriveKey(context: context, material: material, count: 16)
        return Self.identifier(hash)
    }

    /// Sixteen bytes of a hash in the form of a UUID of version 8.
    private static func identifier(_ hash: [UInt8]) -> Identifier {
        func word(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
        let high = word(hash[0..<8]) & ~0xF000 | 0x8000
        let low = word(hash[8..<16]) & ~(0b11 << 62) | (0b10 << 62)
        return Identifier(high: high, low: low)
    }
}
