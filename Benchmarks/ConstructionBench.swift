// The chunked construction in memory, against OpenSSL's own speed of AES-256-GCM.
import Cryptography
import Foundation

private let context = Array("sanctuary/bench".utf8)
private let sizes = [(name: "64 KiB", bytes: 65_536, least: 0.6), (name: "1 MiB", bytes: 1 << 20, least: 0.8)]

/// Bytes a second that `openssl speed` reports at 16 KiB.
private func opensslSpeed() throws -> Double {
    let output = try run(
        "/usr/bin/env", ["openssl", "speed", "-mr", "-seconds", "1", "-bytes", "16384", "-evp", "aes-256-gcm"])
    guard let line = output.split(separator: "\n").last(where: { $0.hasPrefix("+F:") }),
        let speed = line.split(separator: ":").last.flatMap({ Double($0) })
    else { throw BenchError.unreadable("openssl speed") }
    return speed
}

/// One message sealed and opened again and again: bytes a second of CPU time.
private struct Message {
    let secret = SharedSecret(RandomSource.system.secret(32))
    let salt = RandomSource.system.bytes(ChunkedEncryption.saltSize)
    let plaintext: [UInt8]
    let sealed: [UInt8]
    let room: UnsafeMutableRawBufferPointer

    init(bytes: Int) throws {
        plaintext = RandomSource.system.bytes(bytes)
        sealed = try ChunkedEncryption.seal(key: secret.bytes, context: context, plaintext: plaintext, salt: salt)
        room = .allocate(byteCount: bytes, alignment: 64)
    }

    func speed(_ body: () throws -> Void) rethrows -> Double {
        let count = (64 << 20) / plaintext.count
        return try Double(count * plaintext.count) / onThisThread { for _ in 0..<count { try body() } }.cpu
    }

    func seal() throws {
        let bytes = try ChunkedEncryption.seal(key: secret.bytes, context: context, plaintext: plaintext, salt: salt)
        guard bytes.count == sealed.count else { throw BenchError.unfinished("seal") }
    }

    func openInto() throws {
        let count = try sealed.withUnsafeBytes {
            try ChunkedEncryption.open(key: secret.bytes, context: context, sealed: $0, into: room)
        }
        guard count == plaintext.count else { throw BenchError.unfinished("open") }
    }

    func openSecret() throws {
        let count = try ChunkedEncryption.open(key: secret.bytes, context: context, sealed: sealed).count
        guard count == plaintext.count else { throw BenchError.unfinished("open") }
    }
}

func constructionRows(_ bench: Bench) throws -> [Row] {
    var openssl: [Double] = []
    var results: [String: (size: String, ratios: [Double], speeds: [Double], least: Double?)] = [:]
    var order: [String] = []
    let messages = try sizes.map { try Message(bytes: $0.bytes) }
    for _ in 0..<bench.batches {
        let reference = try opensslSpeed()
        openssl.append(reference)
        for (size, message) in zip(sizes, messages) {
            let speeds: [(String, Double, Double?)] = [
                ("seal", try message.speed(message.seal), size.least),
                ("open into memory at hand", try message.speed(message.openInto), size.least),
                ("open into fresh guarded memory", try message.speed(message.openSecret), nil),
            ]
            for (name, speed, least) in speeds {
                let key = "construction, \(size.name), \(name)"
                if results[key] == nil { order.append(key) }
                var entry = results[key] ?? (size.name, [], [], least)
                entry.ratios.append(speed / reference)
                entry.speeds.append(speed)
                results[key] = entry
            }
        }
    }
    return order.compactMap { key in
        guard let entry = results[key] else { return nil }
        let ratio = median(entry.ratios)
        return Row(
            what: key, figure: "\(text(median(entry.speeds) / 1e9, 2)) GB/s",
            baseline: "openssl speed \(text(median(openssl) / 1e9, 2)) GB/s", ratio: percent(ratio),
            target: entry.least.map(percent) ?? "", isMet: entry.least.map { ratio >= $0 })
    }
}
