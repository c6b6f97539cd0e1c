// swift-tools-version: 6.2
// The manifest: one target a room, in the order of docs/architecture.md, one strict settings list for all.
import PackageDescription

/// The language rules every target is held to; a warning is an error everywhere.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableUpcomingFeature("ImmutableWeakCaptures"),
    .treatAllWarnings(as: .error),
    // Rooms are modules: without this a call into the next room is never specialised or inlined.
    .unsafeFlags(["-cross-module-optimization"], .when(configuration: .release)),
]

/// Hot byte loops are optimised in debug builds too: unoptimised, BLAKE3 runs at 8 MB/s and would dominate the tests.
let optimisedInDebug: [SwiftSetting] = [.unsafeFlags(["-O"], .when(configuration: .debug))]

func library(_ name: String, pkgConfig: String, apt: String) -> Target {
    .systemLibrary(
        name: name, path: "Sources/CLibraries/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

func room(_ name: String, _ below: [String], settings: [SwiftSetting] = []) -> Target {
    .target(name: name, dependencies: below.map { .byName(name: $0) }, swiftSettings: strict + settings)
}

func tests(_ name: String, _ rooms: [String]) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: (rooms + ["TestSupport"]).map { .byName(name: $0) },
        swiftSettings: strict)
}

/// The fuzzer is built by `scripts/fuzz` alone, which sets the variable: it links only under its sanitizer.
let fuzzers: [Target] =
    Context.environment["SANCTUARY_FUZZ"] == nil
    ? []
    : [
        .executableTarget(
            name: "sanctuary-fuzz", dependencies: ["FuzzTargets"], path: "Fuzz", exclude: ["seeds"],
            swiftSettings: strict + [.unsafeFlags(["-parse-as-library"])])
    ]

/// The benchmark is built by `scripts/bench` alone, which sets the variable.
let benchmarks: [Target] =
    Context.environment["SANCTUARY_BENCH"] == nil
    ? []
    : [
        .executableTarget(
            name: "sanctuary-bench",
            dependencies: [
                "Cryptography", "Encoding", "HTTPClient", "Vault", "Ledger", "Persona", "Law", "Providers", "Sandbox",
                "Engine", "Scheduler",
            ],
            path: "Benchmarks", exclude: ["baselines"], swiftSettings: strict)
    ]

let package = Package(
    name: "sanctuary",
    products: [.executable(name: "sanctuary", targets: ["sanctuary"])],
    targets: [
        library("CSodium", pkgConfig: "libsodium", apt: "libsodium-dev"),
        library("COpenSSL", pkgConfig: "libcrypto", apt: "libssl-dev"),
        library("CSQLite", pkgConfig: "sqlite3", apt: "libsqlite3-dev"),
        library("CCurl", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),
        library("CMicroHTTPD", pkgConfig: "libmicrohttpd", apt: "libmicrohttpd-dev"),
        library("CSeccomp", pkgConfig: "libseccomp", apt: "libseccomp-dev"),
        .systemLibrary(name: "CPosix", path: "Sources/CLibraries/CPosix"),

        room("Cryptography", ["CSodium", "COpenSSL"], settings: optimisedInDebug),
        room("Encoding", ["Cryptography"], settings: optimisedInDebug),
        room("Files", ["CPosix"]),
        room("SQLite", ["CSQLite"]),
        room("HTTPClient", ["CCurl", "Cryptography"], settings: optimisedInDebug),
        room("HTTPServer", ["CMicroHTTPD"]),
        room("Vault", ["Cryptography", "Encoding", "Files"]),
        room("Ledger", ["Cryptography", "Encoding", "Files", "SQLite"]),
        room("Persona", ["Cryptography", "Encoding"]),
        room("Community", ["Encoding", "SQLite", "Ledger"]),
        room("Law", ["Encoding"]),
        room("Providers", ["Cryptography", "Encoding", "Files", "HTTPClient", "HTTPServer"]),
        room("Sandbox", ["Encoding", "CPosix", "CSeccomp"]),
        room(
            "Tools", ["Cryptography", "Encoding", "Files", "Community", "Persona", "Law", "Providers", "Sandbox"]),
        room(
            "Engine",
            [
                "Cryptography", "Encoding", "Files", "SQLite", "HTTPClient", "Vault", "Ledger", "Persona", "Community",
                "Law", "Providers", "Sandbox", "Tools",
            ]),
        room(
            "Scheduler",
            ["Encoding", "Files", "Community", "Persona", "Providers", "Engine"]),
        .executableTarget(
            name: "sanctuary",
            dependencies: [
                "Cryptography", "Encoding", "Files", "SQLite", "HTTPClient", "HTTPServer", "Vault", "Ledger", "Persona",
                "Community", "Law", "Providers", "Sandbox", "Tools", "Engine", "Scheduler",
            ],
            swiftSettings: strict),

        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict),
        tests("Cryptography", ["Cryptography"]),
        tests("Encoding", ["Encoding", "Cryptography"]),
        tests("Files", ["Files"]),
        tests("SQLite", ["SQLite"]),
        tests("HTTPClient", ["HTTPClient", "HTTPServer"]),
        tests("HTTPServer", ["HTTPServer", "HTTPClient"]),
        tests("Vault", ["Vault", "Cryptography", "Encoding", "Files"]),
        tests("Ledger", ["Ledger", "Cryptography", "Encoding", "SQLite"]),
        tests("Persona", ["Persona", "Cryptography", "Encoding"]),
        tests("Community", ["Community", "Ledger", "SQLite", "Encoding", "Cryptography"]),
        tests("Law", ["Law", "Encoding"]),
        tests("Providers", ["Providers", "HTTPClient", "HTTPServer", "Cryptography", "Encoding"]),
        .testTarget(
            name: "SandboxTests", dependencies: ["Sandbox", "Encoding", "TestSupport"], exclude: ["Probes"],
            swiftSettings: strict),
        tests("Tools", ["Tools", "Encoding", "Community", "Persona", "Law", "Providers", "Sandbox"]),
        tests(
            "Engine",
            [
                "Engine", "Ledger", "Vault", "Persona", "Community", "Providers", "Encoding", "Cryptography",
                "HTTPClient",
                "HTTPServer", "SQLite", "Sandbox", "Tools", "Scheduler", "Files",
            ]),
        tests("Scheduler", ["Scheduler", "Encoding"]),
        .testTarget(
            name: "CommandTests",
            dependencies: [
                "sanctuary", "Cryptography", "Encoding", "Files", "SQLite", "HTTPClient", "HTTPServer", "Vault",
                "Ledger",
                "Persona", "Community", "Law", "Providers", "Sandbox", "Tools", "Engine", "Scheduler", "TestSupport",
            ],
            exclude: ["Transcripts", "Wording"], swiftSettings: strict),
        tests("House", []),
        .target(
            name: "FuzzTargets",
            dependencies: [
                "Cryptography", "Encoding", "HTTPClient", "Vault", "Ledger", "Persona", "Law", "Providers",
            ],
            path: "Tests/FuzzTargets", swiftSettings: strict),
        tests("Fuzz", ["FuzzTargets"]),
    ] + fuzzers + benchmarks,
    swiftLanguageModes: [.v6]
)
