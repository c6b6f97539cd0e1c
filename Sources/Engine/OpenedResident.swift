// What of a resident is open during its run: the package and the keys; no key of them while a provider is awaited.
import Cryptography
import Encoding
import Ledger
import Persona
import Synchronization
import Vault

/// The opened package and the keys of one run, put away before a provider is awaited (vault.md), and had again.
final class OpenedResident: Sendable {
    private struct Held {
        var package: PersonaPackage?
        var keys: ResidentKeys?
        /// What is kept while a provider is awaited: the texts, and the package's own key under seal.
        var waiting: (package: KeylessPackage, sealedSecret: [UInt8])?
    }

    let resident: Identifier
    private let generation: Generation
    private let vault: Vault
    /// Binds the sealed secret, which never leaves this memory, to the run.
    private let place: SealedPlace
    private let held: Mutex<Held>

    /// Begins with a package that was just opened for a run.
    init(_ package: PersonaPackage, generation: Generation, vault: Vault, claim: RunClaim) {
        resident = claim.resident
        self.generation = generation
        self.vault = vault
        place = .journal(run: claim.run, step: "package.secret")
        held = Mutex(Held(package: package))
    }

    /// The package as its generation has it; opened again where it was let go of.
    func package() throws -> PersonaPackage {
        let (open, waiting) = held.withLock { ($0.package, $0.waiting) }
        if let open { return open }
        let package =
            if let waiting {
                try waiting.package.with(SharedSecret(passing: keys().open(waiting.sealedSecret, at: place)))
            } else {
                try Self.open(resident, generation, in: vault)
            }
        held.withLock { $0.package = package }
        return package
    }

    /// The keys that seal steps and spans; derived again where they were put away.
    func keys() throws -> ResidentKeys {
        if let keys = held.withLock({ $0.keys }) { return keys }
        let keys = try vault.sealer(for: resident)
        held.withLock { $0.keys = keys }
        return keys
    }

    /// Puts every key away: the texts of the package stay, as those of the conversation do.
    func putKeysAway() {
        held.withLock { held in
            if let package = held.package, held.waiting == nil {
                let sealed = held.keys.flatMap { try? $0.seal(package.inboxSecret.bytes, at: place) }
                held.waiting = sealed.map { (package.withoutKey(), $0) }
            }
            (held.package, held.keys) = (nil, nil)
        }
    }

    /// Lets go of everything.
    func release() { held.withLock { $0 = Held() } }

    /// Opens a package by the generation that the ledger names.
    static func open(_ resident: Identifier, _ generation: Generation, in vault: Vault) throws -> PersonaPackage {
        try PersonaPackage.parse(vault.open(resident: resident, expecting: generation))
    }
}
