// `sanctuary init`: makes a home.
import Encoding
import Engine
import Files
import Vault

extension Commands {
    static let initialise = CommandSpecification(
        name: "init", summary: "make a home: keys, ledger, vault, settings",
        options: [
            .value("origin", "NAME", "the ledger's name for ever (else sanctuary.local/ and the node's key)"),
            .value(
                "master", "SOURCE",
                "where the master key is: file:PATH, env:NAME, passphrase, passphrase:FILE, credential:NAME"),
        ],
        details: """
            Without --master the key comes from MASTER_ENCRYPTION_KEY, else a fresh one is written to keys/master.key.
            Keep a copy of the master key and of keys/ apart from the home: without them nothing in it opens.
            """
    ) { call in
        let paths = try call.home()
        let origin = try origin(call.arguments.value("origin"))
        let source = try call.arguments.value("master").map { try MasterKeySource(setting: $0) }
        let key = try masterKey(source, call)
        let zone = HostTimeZone.name(environment: call.environment)
        try await House.create(
            at: paths,
            plan: HomePlan(
                origin: origin, settings: SettingsTemplate.text(timezone: zone, master: source?.text),
                templates: try HomeLocation(environment: call.environment).templates(), masterKey: key),
            surroundings: call.surroundings)
        let place = key?.source ?? "file:\(VaultPaths(home: paths.root).masterKey)"
        if call.output.isJSON {
            call.output.document(["home": .string(paths.root), "timezone": .string(zone), "masterKey": .string(place)])
        } else {
            call.output.result("made a home at \(shown(paths.root, limit: 300))")
            call.output.note(
                "time zone \(zone), master key from \(shown(place, limit: 300)): keep a copy of it elsewhere")
            call.output.note("next: 'sanctuary admit FILE'")
        }
        return .success
    }

    /// The key to make the home with; nil has one made.
    private static func masterKey(_ source: MasterKeySource?, _ call: Invocation) throws -> MasterKey? {
        let standard = MasterKeySource.environment(MasterKeySource.standardVariable)
        guard let source else {
            return call.secrets.has(MasterKeySource.standardVariable) ? try call.masterKeyReader().read(standard) : nil
        }
        return try call.masterKeyReader(isNew: true).read(source)
    }

    private static func origin(_ text: String?) throws(CommandError) -> String? {
        guard let text else { return nil }
        let isPlain = text.unicodeScalars.allSatisfy { $0.isASCII && $0.value > 0x20 && $0.value < 0x7F }
        guard isPlain, !text.isEmpty, text.utf8.count <= 200 else {
            throw .usage(
                "'\(escaped(text))' cannot be the name of a ledger",
                hint: "use letters, digits, dots and slashes without blanks, such as example.org/house")
        }
        return text
    }
}
