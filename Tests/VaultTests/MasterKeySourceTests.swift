// Where the master key comes from (S4-38 to S4-40, S4-72), and that two that differ are an error.
import Cryptography
import Encoding
import Files
import TestSupport
import Testing

@testable import Vault

@Suite struct MasterKeySourceTests {
    static let key = String(repeating: "ab", count: 32)
    static let other = String(repeating: "cd", count: 32)

    private func reader(
        _ environment: [String: String] = [:], credentials: String? = nil, answer: String? = nil
    ) -> MasterKeyReader {
        MasterKeyReader(
            environmentSecret: { name in environment[name].map { secret(Array($0.utf8)) } },
            credentialsDirectory: credentials,
            prompt: answer.map { answer in { @Sendable in secret(Array(answer.utf8)) } })
    }

    private func home(master: String? = nil) throws -> (TemporaryDirectory, VaultPaths) {
        let directory = try TemporaryDirectory()
        let paths = VaultPaths(home: directory.path)
        try Files.createDirectory(paths.keys)
        if let master { try writeFile(paths.masterKey, Array("\(master)\n".utf8)) }
        return (directory, paths)
    }

    @Test(
        "the forms of the setting",
        arguments: [
            ("file:/a:b", MasterKeySource.file("/a:b")), ("env:NAME", .environment("NAME")),
            ("passphrase", .passphrasePrompt), ("passphrase:/p", .passphraseFile("/p")),
            ("credential:master", .credential("master")),
        ])
    func forms(text: String, source: MasterKeySource) throws {
        #expect(try MasterKeySource(setting: text) == source)
        #expect(source.text == text)
    }

    @Test(
        "other settings are refused",
        arguments: [
            "", "file", "file:", "env:", "keyring", "passphrase:", "credential:../x", "credential:..", "pkcs11:token",
        ])
    func unknownForms(text: String) {
        #expect(throws: VaultError.unknownMasterKeySource(text)) { try MasterKeySource(setting: text) }
    }

    @Test("the setting, the environment and the home are looked at, in this order")
    func order() throws {
        let (directory, paths) = try home(master: Self.key)
        #expect(try reader().keys(setting: nil, paths: paths).map(\.source) == ["file:\(paths.masterKey)"])
        let both = try reader(["MASTER_ENCRYPTION_KEY": Self.key]).keys(setting: nil, paths: paths)
        #expect(both.map(\.source) == ["env:MASTER_ENCRYPTION_KEY"])
        let three = try reader(["MASTER_ENCRYPTION_KEY": Self.key, "KEY": Self.key + "\n"])
            .keys(setting: .environment("KEY"), paths: paths)
        #expect(three.map(\.source) == ["env:KEY"])
        _ = directory
    }

    @Test("two sources that differ are an error that names both")
    func differ() throws {
        let (directory, paths) = try home(master: Self.key)
        let differing = VaultError.masterKeySourcesDiffer(
            first: "env:MASTER_ENCRYPTION_KEY", second: "file:\(paths.masterKey)")
        #expect(throws: differing) {
            try reader(["MASTER_ENCRYPTION_KEY": Self.other]).keys(setting: nil, paths: paths)
        }
        #expect(throws: VaultError.masterKeySourcesDiffer(first: "passphrase", second: "file:\(paths.masterKey)")) {
            try reader(answer: "words").keys(setting: .passphrasePrompt, paths: paths)
        }
        _ = directory
    }

    @Test("no source at all, and a named one that is missing, say where was looked")
    func missing() throws {
        let (directory, paths) = try home()
        #expect(
            throws: VaultError.masterKeyMissing(looked: ["env:MASTER_ENCRYPTION_KEY", "file:\(paths.masterKey)"])
        ) { try reader().keys(setting: nil, paths: paths) }
        for source in [MasterKeySource.file("/absent"), .environment("ABSENT"), .credential("absent")] {
            #expect(throws: VaultError.masterKeyMissing(looked: [source.text])) {
                try reader(credentials: directory.path).keys(setting: source, paths: paths)
            }
        }
        #expect(throws: VaultError.noPrompt) { try reader().keys(setting: .passphrasePrompt, paths: paths) }
    }

    @Test(
        "a key that is not 64 hex digits is refused by the name of its source",
        arguments: [
            "", "ab", String(repeating: "ab", count: 31), String(repeating: "ab", count: 33),
            String(repeating: "xy", count: 32), String(repeating: "ab", count: 32) + "\n\n",
            " " + String(repeating: "ab", count: 32),
        ])
    func malformed(text: String) throws {
        let (directory, paths) = try home()
        #expect(throws: VaultError.malformedKey(source: "env:MASTER_ENCRYPTION_KEY")) {
            try reader(["MASTER_ENCRYPTION_KEY": text]).keys(setting: nil, paths: paths)
        }
        _ = directory
    }

    @Test("a credential of systemd, a passphrase file's first line, an answer at the terminal")
    func others() throws {
        let (directory, paths) = try home()
        try writeFile("\(directory.path)/master", Array("\(Self.key)\n".utf8))
        let credential = try reader(credentials: directory.path).read(.credential("master"))
        #expect(credential.isSame(as: try reader(["K": Self.key]).read(.environment("K"))))
        for (text, phrase) in [("words\r\nmore", "words"), ("words\n", "words"), ("words", "words")] {
            try writeFile("\(directory.path)/phrase", Array(text.utf8))
            let key = try reader().read(.passphraseFile("\(directory.path)/phrase"))
            #expect(key.isSame(as: try reader(answer: phrase).read(.passphrasePrompt)))
        }
        try writeFile("\(directory.path)/phrase", [10])
        #expect(throws: VaultError.unusablePassphrase(source: "passphrase:\(directory.path)/phrase")) {
            try reader().read(.passphraseFile("\(directory.path)/phrase"))
        }
        _ = paths
    }

    @Test("a key never appears in a description of what holds it")
    func redaction() throws {
        let key = try reader(["K": Self.key]).read(.environment("K"))
        var dumped = ""
        dump(key, to: &dumped)
        #expect(!"\(key) \(dumped) \(String(reflecting: key))".contains("ab" + "ab"))
        #expect(!dumped.contains("171"))
    }
}
