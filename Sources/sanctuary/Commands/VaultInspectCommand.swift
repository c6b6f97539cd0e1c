// `sanctuary vault inspect`: what can be told without any key; nothing is decrypted, so nothing is proven.
import Community
import Encoding
import Engine
import Files
import Vault

extension Commands {
    static let vaultInspect = CommandSpecification(
        name: "inspect", summary: "headers, sizes, generations, key ids, ages: never decrypts", operands: "[RESIDENT]",
        operandKind: .resident,
        maximumOperands: 1
    ) { call in
        let paths = try call.home()
        guard Files.isDirectory(paths.vault) || Files.isDirectory(paths.keys) else { throw homeMissing(paths.root) }
        let resident = try await call.operand(0).asyncMap { text in
            if let id = Identifier(text) { return id }
            return try await call.withHouse(.reader) { try await $0.residents().chosen(text).id }
        }
        let view = InspectionView(
            inspection: try VaultInspection(home: paths.root, resident: resident), now: call.surroundings.time.now())
        if call.output.isJSON { call.output.document(view.json) } else { view.show(call.output) }
        return view.inspection.faults.isEmpty ? .success : .integrity
    }
}

/// An inspection as table or JSON.
private struct InspectionView {
    let inspection: VaultInspection
    let now: Instant

    func show(_ output: Output) {
        if let keyring = inspection.keyring {
            let providers = keyring.providers.map { provider in
                if case .passphrase = provider.kind {
                    "passphrase"
                } else {
                    "raw key \(Hex.encode(provider.keyID.prefix(4)))"
                }
            }
            output.result(
                "vault \(keyring.vault), keyring of epoch \(keyring.state.epoch), "
                    + "\(counted(keyring.entries.count, "key")), opened by \(listed(providers, "or"))")
        } else {
            output.result("no keyring that can be read")
        }
        var table = Table(columns: [
            .text("RESIDENT"), .number("GEN"), .text("CONTENT"), .number("FILE"), .number("PACKAGE"), .text("SEALED"),
            .text("AGE"), .text("KEY"), .text("NAME AND SIZE"),
        ])
        for blob in inspection.blobs {
            let header = blob.header
            let created = Instant(unixMilliseconds: Int64(clamping: header.createdMilliseconds))
            table.rows.append([
                Table.Cell(String(header.resident.hexDigits.suffix(8))), "\(header.generation)",
                Table.Cell(header.content == .episode ? "episode" : "package"),
                Table.Cell(Amounts.whole(blob.fileCount)),
                Table.Cell(Amounts.whole(header.plaintextCount)), Table.Cell(Amounts.instant(created)),
                Table.Cell(age(created)), Table.Cell(String(header.pekID.hexDigits.suffix(8))),
                blob.isConsistent
                    ? Table.Cell("as the header says", .green) : Table.Cell("not as the header says", .red),
            ])
        }
        if !inspection.blobs.isEmpty { output.result(table) }
        for path in inspection.leftovers { output.result("left over, no fault: \(shown(path, limit: 300))") }
        for path in inspection.unknownFiles { output.result("unknown file: \(shown(path, limit: 300))") }
        for fault in inspection.faults { output.result("\(output.paint("fault:", .red)) \(words(for: fault))") }
    }

    private func age(_ created: Instant) -> String {
        let hours = max(0, now.unixMilliseconds - created.unixMilliseconds) / 3_600_000
        return hours < 48 ? "\(hours) h" : "\(hours / 24) d"
    }

    var json: JSON {
        var object: JSONObject = ["keyring": .null]
        if let keyring = inspection.keyring {
            object["keyring"] = [
                "vault": .string(keyring.vault.description), "epoch": .integer(Int64(clamping: keyring.state.epoch)),
                "hash": .string("blake3:\(Hex.encode(keyring.state.hash))"),
                "keys": .array(
                    keyring.entries.map {
                        [
                            "resident": .string($0.resident.description), "key": .string($0.pekID.description),
                            "createdAt": .string(instant($0.createdMilliseconds)),
                        ]
                    }),
            ]
        }
        object["blobs"] = .array(inspection.blobs.map(json))
        object["leftovers"] = .array(inspection.leftovers.map { .string($0) })
        object["unknown"] = .array(inspection.unknownFiles.map { .string($0) })
        object["faults"] = .array(
            inspection.faults.map {
                [
                    "kind": .string($0.kind.rawValue), "where": .string($0.place), "expected": .string($0.expected),
                    "found": .string($0.found),
                ]
            })
        return .object(object)
    }

    private func json(_ blob: BlobSummary) -> JSON {
        let header = blob.header
        return [
            "path": .string(blob.path), "resident": .string(header.resident.description),
            "generation": .integer(Int64(clamping: header.generation)),
            "content": .string(header.content == .episode ? "episode" : "package"),
            "blob": .string(header.blob.description), "bytes": .integer(Int64(blob.fileCount)),
            "plaintextBytes": .integer(Int64(header.plaintextCount)),
            "createdAt": .string(instant(header.createdMilliseconds)),
            "key": .string(header.pekID.description), "header": .string("blake3:\(Hex.encode(blob.headerHash))"),
            "consistent": .bool(blob.isConsistent),
        ]
    }

    private func instant(_ milliseconds: UInt64) -> String {
        Instant(unixMilliseconds: Int64(clamping: milliseconds)).rfc3339
    }
}
