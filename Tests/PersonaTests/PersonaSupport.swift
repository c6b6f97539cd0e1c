// What the tests of the Persona room share: still clocks, known random bytes, small packages and images.
import Cryptography
import Encoding
import Persona
import TestSupport

/// Random bytes that are the same in every run, counting from zero.
func countingRandom() -> RandomSource {
    RandomSource { buffer in
        for index in buffer.indices { buffer[index] = UInt8(truncatingIfNeeded: index) }
    }
}

let evening = Instant(unixMilliseconds: 1_795_201_200_000)

func resident(_ low: UInt64 = 1) -> Identifier {
    Identifier(high: 0x019a_9d3c_8c00_7abc, low: 0x8def_0000_0000_0000 | low)
}

func newPackage(prompt: String = "You keep the lamp.") throws -> PersonaPackage {
    try PersonaPackage(
        id: resident(), name: "Wren", systemPrompt: prompt, admittedAt: evening, random: countingRandom())
}

/// The package's JSON as bytes.
func plaintext(_ package: PersonaPackage) throws -> [UInt8] {
    try package.encoded().withUnsafeBytes { Array($0) }
}

func parsed(_ text: String) throws -> PersonaPackage {
    try PersonaPackage.parse(SecretBytes(copying: Array(text.utf8)))
}

/// The error that a closure throws in the Persona room; nil if it throws nothing.
func personaError(_ body: () throws -> Void) -> PersonaError? {
    do {
        try body()
        return nil
    } catch {
        return error as? PersonaError
    }
}

func importText(
    _ text: String, format: ImportFormat? = nil, fileName: String = "wren.json", name: String? = nil
) throws -> ImportedPersona {
    try PersonaImport.read(Array(text.utf8), format: format, fileName: fileName, name: name)
}

func sample(_ name: String) throws -> ImportedPersona {
    try PersonaImport.read(try SharedData.bytes("samples/synthetic/\(name)"), fileName: name)
}

/// A generator with a seed, so that a failing run can be repeated (SplitMix64, Steele, Lea and Flood 2014).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}

/// PNG files made in tests, with a checksum computed bit by bit, apart from the program's table.
enum TestImage {
    static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
        let body = Array(type.utf8) + data
        return word(UInt32(data.count)) + body + word(checksum(body))
    }

    static func png(_ chunks: [[UInt8]]) -> [UInt8] {
        signature + chunk("IHDR", [0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]) + chunks.flatMap { $0 } + chunk("IEND", [])
    }

    static func text(_ type: String, _ keyword: String, _ json: String) -> [UInt8] {
        chunk(type, Array(keyword.utf8) + [0] + Array(Base64.encode(Array(json.utf8)).utf8))
    }

    private static func word(_ value: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
    }

    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var value: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            value ^= UInt32(byte)
            for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
        }
        return ~value
    }
}
