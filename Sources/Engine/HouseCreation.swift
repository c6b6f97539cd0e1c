// Making a home and opening one.
import Community
import Cryptography
import Encoding
import Files
import Ledger
public import Sandbox
import Tools
public import Vault

/// What a new home is made from.
public struct HomePlan: Sendable {
    /// The ledger's name for ever; nil makes `sanctuary.local/<key>`.
    public var origin: String?
    /// The text of `sanctuary.json`.
    public var settings: String
    /// The folder that holds `preambles/constitution.txt` and `tools/resident/*.json`.
    public var templates: String
    /// Where the master key comes from; nil makes `keys/master.key`.
    public var masterKey: MasterKey?

    /// A plan of these parts.
    public init(origin: String? = nil, settings: String, templates: String, masterKey: MasterKey? = nil) {
        self.origin = origin
        self.settings = settings
        self.templates = templates
        self.masterKey = masterKey
    }
}

extension House {
    private static let settingsMode: UInt32 = 0o600

    /// The projections and tables that this program keeps beside the spans.
    static var projections: [any Projection] { [CommunityProjection(), DeliverableProjection()] }
    static var schemas: [LedgerSchema] {
        [CommunityStore.schema, LedgerSchema(name: "engine", steps: RunStore.migrations), NightBook.schema]
    }

    /// Makes a home: directories, keys, vault, ledger with its genesis, copies of the texts.
    ///
    /// Where something is, nothing happens.
    ///
    /// The settings file is written last: a directory without one is no home, and a second `init` may finish what a
    /// kill interrupted only after it was emptied; what fails otherwise leaves the place as it was.
    public static func create(
        at paths: HomePaths, plan: HomePlan, surroundings: HomeSurroundings
    ) async throws(EngineError) {
        try await asEngineError {
            // Hidden files, such as the repository's own `vault/.gitignore`, are no home.
            let found = (try? Files.list(paths.root)) ?? []
            guard !found.contains(where: { !$0.hasPrefix(".") }) else {
                throw EngineError.homeExists(path: paths.root)
            }
            let texts = try PinnedTexts(
                preamblePath: "\(plan.templates)/preambles/constitution.txt",
                toolsDirectory: "\(plan.templates)/tools/resident",
                lawsDirectory: "\(plan.templates)/preambles/laws")
            do {
                try await build(at: paths, plan, texts, surroundings)
            } catch {
                // Nothing of it has been used yet; what a full disk cut short must not stand in the next try's way.
                removeUnfinished(paths)
                throw error
            }
        }
    }

    /// Takes away what an attempt to make a home left; the place was empty before it.
    private static func removeUnfinished(_ paths: HomePaths) {
        func clear(_ directory: String) {
            for name in (try? Files.list(directory)) ?? [] where directory != paths.root || !name.hasPrefix(".") {
                let path = "\(directory)/\(name)"
                if (try? Files.remove(path)) != nil { continue }
                clear(path)
                try? Files.removeDirectory(path)
            }
        }
        clear(paths.root)
    }

    private static func build(
        at paths: HomePaths, _ plan: HomePlan, _ texts: PinnedTexts, _ surroundings: HomeSurroundings
    ) async throws {
        for directory in [paths.root, paths.keys, paths.spool, paths.preambles, paths.laws, paths.residentTools] {
            try Files.createDirectory(directory)
        }
        // An empty directory that was there may have been open to others.
        try Files.restrictDirectory(paths.root)
        try copyTexts(from: plan.templates, to: paths, laws: texts.laws.files)
        let random = surroundings.random
        let master = try plan.masterKey ?? Vault.createMasterKeyFile(home: paths.root, random: random)
        let vault = try Vault.create(
            home: paths.root, id: surroundings.identifiers.next(), masterKey: master,
            surroundings: surroundings.vault)
        let signing = try HomeKeys.createNodeKey(paths: vault.paths, random: random)
        _ = try HomeKeys.createHouseKey(paths: vault.paths, random: random)
        let ledger = try await Ledger.create(
            at: LedgerPaths(home: paths.root), origin: plan.origin, signingKey: signing,
            genesis: Genesis(
                vault: vault.id.hexDigits, preamble: texts.preamble.hashText, laws: texts.laws.hashes,
                tools: texts.toolsHash, program: surroundings.program),
            id: surroundings.identifiers.next(), at: surroundings.time.now(), projections: projections,
            schemas: schemas)
        let state = vault.keyringState
        try await ledger.append([
            keyringSpan(vault.id, KeyringState(epoch: state.epoch, hash: state.hash), surroundings)
        ])
        await ledger.close()
        try Files.writeDurably(Array(plan.settings.utf8), to: paths.settings, mode: settingsMode)
    }

    private static func copyTexts(from templates: String, to paths: HomePaths, laws: [String]) throws {
        let preamble = try Files.read(
            "\(templates)/preambles/constitution.txt", maximumBytes: Preamble.maximumBytes)
        try Files.writeDurably(preamble, to: paths.preamble, mode: settingsMode)
        for name in laws.flatMap({ [$0, $0.dropLast(4) + ".fixtures.json"] }) {
            let bytes = try Files.read(
                "\(templates)/preambles/laws/\(name)", maximumBytes: HouseLaws.fixtureBytes)
            try Files.writeDurably(bytes, to: "\(paths.laws)/\(name)", mode: settingsMode)
        }
        for name in ToolDefinitions.fileNames {
            let bytes = try Files.read("\(templates)/tools/resident/\(name)", maximumBytes: 65_536)
            try Files.writeDurably(bytes, to: "\(paths.residentTools)/\(name)", mode: settingsMode)
        }
        try copyPlugins(from: "\(templates)/tools", to: paths)
    }

    /// Copies the plugin tools that come with the program; none is offered before an operator accepts it.
    private static func copyPlugins(from templates: String, to paths: HomePaths) throws {
        for name in try Files.list(templates) where name != "resident" && Files.isDirectory("\(templates)/\(name)") {
            let plugin = try PluginFolder(directory: templates, name: name)
            for file in plugin.files {
                let target = "\(paths.tools)/\(name)/\(file.name)"
                try Files.createDirectory(String(target[..<(target.lastIndex(of: "/") ?? target.endIndex)]))
                try Files.writeDurably(file.bytes, to: target, mode: settingsMode)
            }
        }
    }

    /// The span that says which keyring is the one.
    static func keyringSpan(
        _ vault: Identifier, _ state: KeyringState, _ surroundings: HomeSurroundings
    ) -> SpanDraft {
        SpanDraft(
            id: surroundings.identifiers.next(), entityType: .keyringWritten, who: .node, this: vault.hexDigits,
            at: surroundings.time.now(),
            metadata: [
                "epoch": .integer(Int64(clamping: state.epoch)),
                "hash": .string("blake3:\(Hex.encode(state.hash))"),
            ])
    }

    /// Opens a home.
    ///
    /// The texts are checked against the ledger's pin, so an altered preamble stops everything here.
    ///
    /// - Parameters:
    ///   - settings: what the operator set for runs.
    ///   - civilTime: civil days in the node's zone.
    ///   - makeSandbox: makes what plugin tools run in, once one is accepted; without it none is offered.
    public static func open(
        at paths: HomePaths, access: HomeAccess, settings: EngineSettings, surroundings: HomeSurroundings,
        civilTime: CivilTime, makeSandbox: (@Sendable () -> Sandbox?)? = nil
    ) async throws(EngineError) -> House {
        try await asEngineError {
            guard Files.exists(paths.ledger) else { throw EngineError.homeMissing(path: paths.root) }
            let vaultPaths = VaultPaths(home: paths.root)
            let signing = try HomeKeys.nodeKey(paths: vaultPaths)
            let ledgerPaths = LedgerPaths(home: paths.root)
            let ledger: Ledger
            if case .reader = access {
                ledger = try await Ledger.openForReading(at: ledgerPaths, key: signing.verifyingKey)
            } else {
                ledger = try await Ledger.open(
                    at: ledgerPaths, signingKey: signing, projections: projections, schemas: schemas)
            }
            do {
                let texts = try PinnedTexts(
                    preamblePath: paths.preamble, toolsDirectory: paths.residentTools, lawsDirectory: paths.laws,
                    pin: try await pin(of: ledger))
                let vault = try await unlock(access, ledger: ledger, paths: paths, surroundings: surroundings)
                let (plugins, sandbox) = try await shelf(paths: paths, ledger: ledger, makeSandbox: makeSandbox)
                let house = try HomeKeys.houseKey(paths: vaultPaths)
                return House(
                    paths: paths, ledger: ledger, vault: vault, settings: settings, surroundings: surroundings,
                    texts: texts, houseKey: SealedBox.publicKey(secret: house.bytes), civilTime: civilTime,
                    sandbox: sandbox, plugins: plugins)
            } catch {
                await ledger.close()
                throw error
            }
        }
    }

    static func pin(of ledger: Ledger) async throws -> Span {
        let pins: [EntityType] = [.ledgerOpened, .ledgerPinned]
        guard let pin = try await ledger.lastSpan(subject: ledger.origin, types: pins) else {
            throw EngineError.storeMalformed
        }
        return pin
    }

    /// Opens the vault as the last `keyring.written` says, where keys were given.
    private static func unlock(
        _ access: HomeAccess, ledger: Ledger, paths: HomePaths, surroundings: HomeSurroundings
    ) async throws -> Vault? {
        guard case .owner(let masterKeys) = access else { return nil }
        guard let genesis = try await ledger.span(at: 0),
            let vaultID = genesis.metadata["vault"]?.string.flatMap({ Identifier($0) }),
            let written = try await ledger.lastSpan(subject: vaultID.hexDigits, types: [.keyringWritten]),
            let epoch = written.metadata["epoch"]?.integer,
            let hash = written.metadata["hash"]?.string.flatMap({ Hex.decode(String($0.dropFirst(7))) })
        else { throw EngineError.storeMalformed }
        let state = KeyringState(epoch: UInt64(clamping: epoch), hash: hash)
        return try Vault.open(
            home: paths.root, masterKeys: masterKeys, expecting: LedgerKeyring(vault: vaultID, state: state),
            surroundings: surroundings.vault)
    }
}
