// The independent verifier of an exported ledger, on the reference export and on every kind of alteration of it.
import Foundation
import TestSupport
import Testing

/// The verifier's JSON document.
private struct Verdict: Decodable {
    struct Fault: Decodable {
        let kind: String
        let `where`: String
        let expected: String
        let found: String
    }
    let ok: Bool
    let checked: Int
    let faults: [Fault]
}

/// An alteration that `Tests/Reference/tamper_ledger.py` makes, and the kinds of fault that it must be told as.
private struct Alteration: Sendable {
    let name: String
    let kinds: Set<String>
    init(_ name: String, _ kinds: String...) {
        self.name = name
        self.kinds = Set(kinds)
    }
}

private let vectors = "vectors/sanctuary-v1"
private let publicKey = "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8"
private let head = "blake3:6b414b8ac641c2301d16c857200ccf9d192b5b2f4fd8ada4583adff75b74587c"

/// Without the node's key: what any holder of the file can do.
private let forgeries = [
    Alteration("unaltered"), Alteration("payloads_left_out"),
    Alteration("edit", "wrong_hash"), Alteration("edit_rehashed", "wrong_signature", "broken_link"),
    Alteration("edit_rechained", "wrong_signature"), Alteration("edit_resigned", "wrong_signature"),
    Alteration("drop", "dropped"), Alteration("insert", "inserted", "broken_link", "wrong_hash"),
    Alteration("swap", "out_of_order"), Alteration("duplicate", "duplicated"),
    Alteration("truncate", "truncated", "head_mismatch"), Alteration("gap", "dropped", "wrong_hash", "surplus"),
    Alteration("whitespace", "not_canonical"), Alteration("key_order", "not_canonical"),
    Alteration("escaped", "not_canonical"), Alteration("duplicate_key", "malformed"),
    Alteration("lone_surrogate", "malformed"), Alteration("bad_utf8", "malformed"),
    Alteration("fraction", "malformed"), Alteration("large_integer", "malformed"), Alteration("deep", "malformed"),
    Alteration("long_line", "malformed"), Alteration("trailing_bytes", "malformed"),
    Alteration("not_an_identifier", "field_invalid", "wrong_hash"), Alteration("payload_altered", "payload_altered"),
    Alteration("payload_cut", "payload_altered"), Alteration("payload_missing", "payload_missing"),
    Alteration("payload_foreign", "payload_unexpected"),
    Alteration(
        "empty", "malformed", "payload_unexpected", "foreign_ledger", "foreign_key", "truncated", "head_mismatch"),
]

/// Signed with the node's key: what the node's own program must never write.
private let misdeeds = [
    Alteration("self_deleted"), Alteration("duplicate_signed", "identifier_reused", "disordered_run"),
    Alteration("without_genesis", "genesis", "foreign_ledger", "foreign_key", "wrong_signature"),
    Alteration("missing_field", "field_missing"), Alteration("wrong_time", "field_invalid"),
    Alteration("undeclared_field", "field_unknown"), Alteration("undeclared_type", "field_unknown"),
    Alteration("other_origin", "foreign_ledger"), Alteration("other_key_id", "foreign_key"),
    Alteration("claimed_twice", "idempotency_key_reused", "disordered_run"),
    Alteration("version_skipped", "wrong_version"), Alteration("generation_skipped", "wrong_generation"),
    Alteration("generation_opened", "wrong_generation"), Alteration("admitted_twice", "wrong_generation"),
    Alteration("epoch_back", "wrong_epoch"), Alteration("sealed_after_deletion", "sealed_after_deletion"),
    Alteration("step_missing", "incomplete_run"), Alteration("verdict_missing", "incomplete_run"),
    Alteration("after_the_end", "disordered_run"), Alteration("without_claim", "disordered_run", "incomplete_run"),
    Alteration("surplus", "surplus"),
]

@Suite(
    .enabled(
        if: SharedData.isPresent && ReferenceScript.isReady, Comment(rawValue: ReferenceScript.whyNot)))
struct VerifyLedgerScriptTests {
    private func make(_ names: [String], in folder: TemporaryDirectory) async throws {
        let result = try await ReferenceScript.run(
            "scripts/python",
            [
                "-B", "\(ReferenceScript.checkout)/Tests/Reference/tamper_ledger.py",
                SharedData.path("\(vectors)/export"),
                SharedData.path("\(vectors)/keys/node.ed25519"), folder.path,
            ] + names)
        try #require(result.status == 0, "\(result.errors)")
    }

    private func verify(_ arguments: [String]) async throws -> (status: Int32, verdict: Verdict) {
        let result = try await ReferenceScript.run("scripts/verify-ledger", arguments + ["--json"])
        return (result.status, try JSONDecoder().decode(Verdict.self, from: Data(result.output.utf8)))
    }

    private func check(_ alterations: [Alteration]) async throws {
        let folder = try TemporaryDirectory()
        try await make(alterations.map(\.name), in: folder)
        for alteration in alterations {
            let (status, verdict) = try await verify(["\(folder.path)/\(alteration.name)"])
            #expect(Set(verdict.faults.map(\.kind)) == alteration.kinds, "\(alteration.name)")
            #expect(status == (alteration.kinds.isEmpty ? 0 : 4), "\(alteration.name)")
            #expect(verdict.ok == alteration.kinds.isEmpty, "\(alteration.name)")
            #expect(verdict.faults.allSatisfy { $0.expected != $0.found && !$0.where.isEmpty }, "\(alteration.name)")
        }
    }

    @Test func everyForgeryIsNamed() async throws { try await check(forgeries) }

    @Test func everyBreachOfTheRulesIsNamedThoughItIsSigned() async throws { try await check(misdeeds) }

    @Test func onlyAnAnchorTellsAnotherLedgerOrALostTail() async throws {
        let folder = try TemporaryDirectory()
        try await make(["other_key", "truncate_described"], in: folder)
        #expect(try await verify(["\(folder.path)/other_key"]).status == 0)
        #expect(try await verify(["\(folder.path)/truncate_described"]).status == 0)
        let otherKey = try await verify(["\(folder.path)/other_key", "--key", publicKey])
        #expect(otherKey.status == 4)
        #expect(otherKey.verdict.faults.map(\.kind) == ["foreign_key"])
        #expect(otherKey.verdict.faults.first?.where == "position 0")
        let lostTail = try await verify(["\(folder.path)/truncate_described", "--head", head])
        #expect(lostTail.status == 4)
        #expect(lostTail.verdict.faults.map(\.kind) == ["head_mismatch"])
        #expect(lostTail.verdict.faults.first?.expected == head)
    }

    @Test func aFaultNamesItsPositionAndBothValues() async throws {
        let folder = try TemporaryDirectory()
        try await make(["generation_skipped"], in: folder)
        let result = try await ReferenceScript.run("scripts/verify-ledger", ["\(folder.path)/generation_skipped"])
        #expect(
            result.output == """
                position 14: a generation does not follow the one before (wrong_generation): expected 1, found 2
                1 fault in 16 spans

                """)
    }

    @Test func whatIsNotAnchoredOrNotCheckedIsSaid() async throws {
        let export = SharedData.path("\(vectors)/export")
        let bare = try await ReferenceScript.run("scripts/verify-ledger", [export])
        #expect(bare.status == 0)
        #expect(bare.output == "16 spans verified, head \(head)\n")
        #expect(bare.errors.contains("unanchored: the key \(publicKey)"))
        #expect(bare.errors.contains("unanchored: the head \(head)"))
        let anchored = try await ReferenceScript.run(
            "scripts/verify-ledger", [export, "--key", publicKey, "--head", head])
        #expect(anchored.errors == "")
        let folder = try TemporaryDirectory()
        try await make(["payloads_left_out"], in: folder)
        let partial = try await ReferenceScript.run("scripts/verify-ledger", ["\(folder.path)/payloads_left_out"])
        #expect(partial.errors.contains("no sealed payloads in this export: 2 are named and were not checked"))
    }

    @Test func usageAndAbsenceHaveTheirOwnExitCodes() async throws {
        let folder = try TemporaryDirectory()
        #expect(try await ReferenceScript.run("scripts/verify-ledger", []).status == 2)
        #expect(try await ReferenceScript.run("scripts/verify-ledger", [folder.path, "--key", "abc"]).status == 2)
        let absent = try await ReferenceScript.run("scripts/verify-ledger", [folder.path])
        #expect(absent.status == 1)
        #expect(absent.errors.contains("ledger.json: No such file or directory"))
    }

    @Test func theScriptKnowsTheFieldsOfThePage() async throws {
        let program = """
            import re, sys
            sys.path.insert(0, sys.argv[1] + "/scripts/ledger-verifier")
            from declared import TYPES
            page = open(sys.argv[1] + "/docs/format.md").read().split("| entity_type |")[1].split("\\n\\n")[0]
            rows = [line.split("|")[1:-1] for line in page.splitlines() if line.startswith("| `")]
            names = lambda cell: re.findall("`([A-Za-z_.]+)`", cell)
            def extra(row):
                content = {f"content.{name}" for name in row.needed_content}
                content |= {f"content.{name}?" for name in row.content if name not in row.needed_content}
                also = {name if name in row.needed else name + "?" for name in row.also}
                # The page says of run.claimed in the table of the envelope that it has its key always.
                return content or also - {"idempotency_key"}
            marked = lambda cell: {name + mark for name, mark in re.findall("`([A-Za-z_.]+)`([?]?)", cell)}
            assert len(rows) == len(TYPES) and len(rows) > 30
            for kind, _, metadata, further in rows:
                row = TYPES[names(kind)[0]]
                fields = {name if name in row.must else name + "?" for name in row.metadata}
                assert marked(metadata) == fields, (kind, marked(metadata), fields)
                assert marked(further) == extra(row), (kind, marked(further), extra(row))
            """
        let result = try await ReferenceScript.run("scripts/python", ["-B", "-c", program, ReferenceScript.checkout])
        #expect(result.status == 0, "\(result.errors)")
    }
}
