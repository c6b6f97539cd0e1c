// The sealed journal of one run: facts written before anything is done with them, read back after a crash.
import Cryptography
import Encoding
import Vault

/// One sealed journal row.
struct SealedStep: Sendable, Equatable {
    let index: Int
    let name: String
    let body: [UInt8]
}

/// Why a journal cannot be resumed from.
enum JournalError: Error, Equatable {
    /// A step does not open, or does not follow the step before it.
    case broken(step: Int)
}

/// Seals steps into a chain (each holds the BLAKE3 of the sealed step before it) and opens them again.
struct Journal {
    let run: Identifier
    private(set) var steps: [(name: String, body: JSON)] = []
    private var previous: [UInt8] = [UInt8](repeating: 0, count: 32)

    init(run: Identifier) { self.run = run }

    /// Opens what an earlier worker left; every step must open and follow its predecessor.
    init(run: Identifier, sealed: [SealedStep], keys: ResidentKeys) throws(JournalError) {
        self.run = run
        for (index, step) in sealed.enumerated() {
            guard step.index == index, let body = Self.open(step, run: run, keys: keys),
                body["prev"]?.string == Hex.encode(previous), let content = body["step"]
            else { throw .broken(step: index) }
            steps.append((step.name, content))
            previous = BLAKE3.hash(step.body)
        }
    }

    /// Seals one more step; the caller makes it durable before it acts on it.
    mutating func seal(_ name: String, _ content: JSON, keys: ResidentKeys) throws -> SealedStep {
        let body = JSON.object(["prev": .string(Hex.encode(previous)), "step": content])
        let sealed = try keys.seal(body.serialized(), at: .journal(run: run, step: name))
        let step = SealedStep(index: steps.count, name: name, body: sealed)
        steps.append((name, content))
        previous = BLAKE3.hash(sealed)
        return step
    }

    /// The content of the last step of this name.
    func last(_ name: String) -> JSON? { steps.last { $0.name == name }?.body }

    private static func open(_ step: SealedStep, run: Identifier, keys: ResidentKeys) -> JSON? {
        guard let secret = try? keys.open(step.body, at: .journal(run: run, step: step.name)) else { return nil }
        return secret.withUnsafeBytes { try? JSON.parse($0) }
    }
}
