// The order of the rooms: arrows go one way, and a C library is seen from one room alone.
import Testing

/// docs/architecture.md, lowest room first.
private let order = [
    "Cryptography", "Encoding", "Files", "SQLite", "HTTPClient", "HTTPServer", "Vault", "Ledger", "Persona",
    "Community",
    "Law", "Providers", "Sandbox", "Tools", "Engine", "Scheduler", "sanctuary",
]

/// The one room that may import a C library.
private let owners = [
    "CSodium": ["Cryptography"], "COpenSSL": ["Cryptography"], "CSQLite": ["SQLite"], "CCurl": ["HTTPClient"],
    "CMicroHTTPD": ["HTTPServer"], "CPosix": ["Files", "Sandbox"], "CSeccomp": ["Sandbox"],
]

/// What an import does to the order of the house; nil where it keeps it.
private func violation(in source: Source) -> String? {
    guard let own = order.firstIndex(of: source.room) else { return "\(source.room) is no room of the house" }
    for name in source.imports {
        if let other = order.firstIndex(of: name), other >= own {
            return "\(source.room) imports \(name), which is above it"
        }
        if let owner = owners[name], !owner.contains(source.room) { return "\(source.room) imports \(name)" }
        if name.hasPrefix("C"), owners[name] == nil, !order.contains(name) { return "\(name) has no owner" }
    }
    return nil
}

@Suite struct HouseTests {
    @Test func importsKeepTheOrder() {
        for source in Source.sources where !source.path.contains("CLibraries") {
            #expect(violation(in: source) == nil, "\(source.path)")
        }
    }

    @Test func aBrokenOrderIsFound() {
        func check(_ path: String, _ text: String) -> String? { violation(in: Source(path: path, text: text)) }
        #expect(check("Sources/Vault/X.swift", "import Engine\n") == "Vault imports Engine, which is above it")
        #expect(
            check("Sources/Vault/X.swift", "public import struct Ledger.Span")
                == "Vault imports Ledger, which is above it")
        #expect(check("Sources/Engine/X.swift", "@preconcurrency import CSQLite") == "Engine imports CSQLite")
        #expect(check("Sources/Attic/X.swift", "") == "Attic is no room of the house")
        #expect(check("Sources/Vault/X.swift", "// import Engine\ninternal import Encoding\n") == nil)
    }

    @Test func everyRoomOpensWithAFileOfItsName() {
        for room in order.dropLast() {
            #expect(Source.sources.contains { $0.path == "Sources/\(room)/\(room).swift" }, "\(room)")
        }
    }

    @Test func everyFolderIsARoom() {
        let folders = Set(Source.sources.map(\.room)).subtracting(["CLibraries"])
        #expect(folders == Set(order))
    }
}
