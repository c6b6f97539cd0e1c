// Verifying an export from its files alone; trust comes from outside, as a key and a head.
public import Cryptography
internal import Encoding
internal import Files

extension Ledger {
    /// Verifies an export: every span, link, hash and signature, the state machine, the sealed payloads.
    ///
    /// - Parameters:
    ///   - directory: Where the export is.
    ///   - key: The node's key as known from elsewhere; without it the export's own, reported as unanchored.
    ///   - head: The last hash as known from elsewhere; without it the export's own, reported as unanchored.
    public static func verifyExport(
        directory: String, key: VerifyingKey?, head: [UInt8]?
    ) async throws -> VerificationReport {
        try await SerialThread().run {
            do {
                return try ExportCheck(directory: directory, key: key, head: head).run()
            } catch {
                throw LedgerError.known(error) ?? error
            }
        }
    }

    /// Verifies an export against this ledger: its key, and its span at the export's last position as the head.
    public func verifyExport(directory: String) async throws -> VerificationReport {
        let size = try? ExportDescription(directory: directory).size
        let head = try await size.flatMap { $0 > 0 ? $0 - 1 : nil }.asyncMap { try await self.span(at: $0)?.hash }
        return try await Self.verifyExport(directory: directory, key: key, head: head ?? nil)
    }
}

extension Optional {
    fileprivate func asyncMap<R>(_ transform: (Wrapped) async throws -> R) async rethrows -> R? {
        guard let self else { return nil }
        return try await transform(self)
    }
}

/// What an export says of itself in `ledger.json`.
struct ExportDescription {
    let origin: String
    let publicKey: VerifyingKey
    let size: Int
    let head: [UInt8]

    init(directory: String) throws {
        let name = ExportLayout.description
        try requireFile(name, in: directory)
        let bytes = try Files.read("\(directory)/\(name)", maximumBytes: 1 << 20)
        guard let json = try? JSON.parse(bytes), let origin = json["origin"]?.string,
            let keyBytes = json["public_key"]?.string.flatMap(HashText.lowerHex),
            let key = try? VerifyingKey(keyBytes), let size = json["size"]?.integer, size >= 0,
            let head = json["head"]?.string.flatMap(HashText.blake3Bytes)
        else {
            throw Fault(.malformed, in: name, expected: "origin, public_key, size, head", found: "another form")
        }
        self.origin = origin
        publicKey = key
        self.size = Int(size)
        self.head = head
    }
}

private func requireFile(_ name: String, in directory: String) throws {
    guard Files.exists("\(directory)/\(name)") else {
        throw Fault(.fileMissing, in: name, expected: "a file", found: "none")
    }
}

/// One verification of an export.
private struct ExportCheck {
    let directory: String
    let key: VerifyingKey?
    let head: [UInt8]?

    func run() throws -> VerificationReport {
        let description = try ExportDescription(directory: directory)
        var verifier = ChainVerifier(key: key ?? description.publicKey, ledger: description.origin)
        var payloads = PayloadRule()
        var beside = FaultList()
        let folder = "\(directory)/\(ExportLayout.sealed)"
        let includesPayloads = Files.isDirectory(folder)
        if let key, key != description.publicKey {
            beside.add(
                Fault(
                    .foreignKey, in: ExportLayout.description, expected: Hex.encode(key.bytes),
                    found: Hex.encode(description.publicKey.bytes)))
        }
        try requireFile(ExportLayout.spans, in: directory)
        var lines = try LineReader(
            path: "\(directory)/\(ExportLayout.spans)", longest: JSONBounds.maximumSpanBytes)
        var index = 0
        while let (line, isTerminated) = try lines.next() {
            let span = line.withUnsafeBufferPointer { verifier.check($0, at: index) }
            if let span, span.sealed != nil, includesPayloads {
                let name = "\(folder)/\(span.id).\(span.seq)"
                let payload = Files.exists(name) ? try Files.read(name, maximumBytes: 64 << 20) : nil
                payloads.check(span, payload: payload, faults: &beside)
            }
            if !isTerminated {
                beside.add(
                    Fault(.malformed, at: index, expected: "a line feed behind every span", found: "none"))
            }
            index += 1
        }
        verifier.finish()
        if includesPayloads {
            payloads.finish(deletions: verifier.lifecycle.deletions, faults: &beside)
            try checkUnnamedPayloads(payloads, in: folder, faults: &beside)
        }
        checkEnd(verifier, description, faults: &beside)
        for fault in beside.faults { verifier.add(fault) }
        var unanchored: Set<VerificationReport.Unanchored> = []
        if key == nil { unanchored.insert(.key) }
        if head == nil { unanchored.insert(.head) }
        return VerificationReport(verifier: verifier, unanchored: unanchored, includesPayloads: includesPayloads)
    }

    /// The end must be the one that was promised from outside, and the one that the export describes.
    private func checkEnd(_ verifier: ChainVerifier, _ description: ExportDescription, faults: inout FaultList) {
        let size = verifier.size
        let last = verifier.last?.hash
        let lastText = last.map { HashText.blake3($0) } ?? "none"
        if size < description.size {
            faults.add(
                Fault(
                    .truncated, at: description.size - 1,
                    expected: "\(description.size) spans ending in \(HashText.blake3(description.head))",
                    found: "\(size) spans ending in \(lastText)"))
        } else if size > description.size {
            faults.add(
                Fault(
                    .surplus, at: description.size, expected: "\(description.size) spans", found: "\(size) spans"))
        } else if description.head != last {
            faults.add(
                Fault(
                    .headMismatch, in: ExportLayout.description, expected: HashText.blake3(description.head),
                    found: lastText))
        }
        if let head, head != last {
            faults.add(
                Fault(.headMismatch, at: max(0, size - 1), expected: HashText.blake3(head), found: lastText))
        }
    }

    private func checkUnnamedPayloads(
        _ rule: PayloadRule, in folder: String, faults: inout FaultList
    ) throws {
        let expected = Set(rule.named.map { "\($0.id).\($0.seq)" })
        for name in try Files.list(folder) where !expected.contains(name) {
            faults.add(
                Fault(
                    .payloadUnexpected, in: "\(ExportLayout.sealed)/\(name)", expected: "a span that names it",
                    found: "none"))
        }
    }
}
