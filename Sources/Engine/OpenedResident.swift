// What of a resident is open during its run: the package and the keys, never while a provider is awaited.
import Encoding
import Ledger
import Persona
import Synchronization
import Vault

/// The opened package and the keys of one run, let go of before a provider is awaited (vault.md), and had again.
final class OpenedResident: Sendable {
    private struct Held {
        var package: PersonaPackage?
        var keys: ResidentKeys?
    }

    let resident: Identifier
    private let generation: Generation
    private let vault: Vault
    private let held: Mutex<Held>

    /// Begins with a package that was just opened.
    init(_ package: PersonaPackage, generation: Generation, vault: Vault, resident: Identifier) {
        self.resident = resident
        self.generation = generation
        self.vault = vault
        held = Mutex(Held(package: package))
    }

    /// The package as its generation has it; opened again where it was let go of.
    func package() throws -> PersonaPackage {
        if let package = held.withLock({ $0.package }) { return package }
        let package = try Self.open(resident, generation, in: vault)
        held.withLock { $0.package = package }
        return package
    }

    /// The keys that seal steps and spans; derived again where they were let go of.
    func keys() throws -> ResidentKeys {
        if let keys = held.withLock({ $0.keys }) { return keys }
        let keys = try vault.sealer(for: resident)
        held.withLock { $0.keys = keys }
        return keys
    }

    /// Lets go of both.
    func release() { held.withLock { $0 = Held() } }

    /// Opens a package by the generation that the ledger names.
    static func open(_ resident: Identifier, _ generation: Generation, in vault: Vault) throws -> PersonaPackage {
        try PersonaPackage.parse(vault.open(resident: resident, expecting: generation))
    }
}
