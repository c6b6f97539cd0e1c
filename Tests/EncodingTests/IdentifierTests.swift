// UUIDs: the RFC's vector, their text, and a source that only rises.
import Cryptography
import Encoding
import TestSupport
import Testing

@Suite struct IdentifierTests {
    /// Origin: RFC 9562 appendix A.6, transcribed.
    @Test("agrees with the RFC's example", .enabled(if: SharedData.isPresent, "needs the shared vectors"))
    func agreesWithTheRFCsExample() throws {
        let file = try JSON.parse(try SharedData.bytes("vectors/rfc9562/uuidv7.json"))
        let text = try #require(file["uuid"]?.string)
        let id = try #require(Identifier(text))
        #expect(id.isVersion7)
        #expect(id.timestamp.unixMilliseconds == file["unix_ts_ms"]?.integer)
        #expect(id.timestamp.rfc3339 == file["utc"]?.string)
        #expect(id.description == text.lowercased())
        #expect(id.hexDigits.prefix(12).uppercased() == file["unix_ts_ms_hex"]?.string)
        for name in ["min_v7", "max_v7"] {
            let limit = try #require(file["limits"]?[name]?.string)
            #expect(Identifier(limit)?.isVersion7 == true)
        }
        // The file's two negatives: another version nibble, another variant.
        for other in ["017F22E2-79B0-4CC3-98C4-DC0C0C07398F", "017F22E2-79B0-7CC3-D8C4-DC0C0C07398F"] {
            #expect(Identifier(other)?.isVersion7 == false)
        }
        // The source lays time and randomness out as the example has them.
        let random = RandomSource { buffer in
            buffer.copyBytes(from: [0x0C, 0xC3, 0x18, 0xC4, 0xDC, 0x0C, 0x0C, 0x07, 0x39, 0x8F])
        }
        let time = TimeSource(now: { id.timestamp }, monotonicNanoseconds: { 0 })
        #expect(IdentifierSource(time: time, random: random).next() == id)
    }

    @Test("reads hyphenated and bare digits in either case and nothing else")
    func readsHyphenatedAndBareDigitsInEither() throws {
        let id = Identifier(high: 0x017F_22E2_79B0_7CC3, low: 0x98C4_DC0C_0C07_398F)
        #expect(id.description == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
        #expect(id.hexDigits == "017f22e279b07cc398c4dc0c0c07398f")
        #expect(Identifier("017F22E2-79B0-7CC3-98C4-DC0C0C07398F") == id)
        #expect(Identifier("017F22E279B07CC398C4DC0C0C07398F") == id)
        #expect(Identifier(bytes: id.bytes) == id)
        for text in [
            "", "017f22e2-79b0-7cc3-98c4-dc0c0c07398", "017f22e2-79b0-7cc3-98c4-dc0c0c07398ff",
            "017f22e27-9b0-7cc3-98c4-dc0c0c07398f", "{017f22e2-79b0-7cc3-98c4-dc0c0c07398}",
            "017f22e2-79b0-7cc3-98c4-dc0c0c07398g", "017f22e279b07cc398c4dc0c0c07398é",
        ] {
            #expect(Identifier(text) == nil, "\(text)")
        }
        #expect(Identifier(bytes: [1, 2, 3]) == nil)
        #expect(Identifier(high: 1, low: 0) > Identifier(high: 0, low: .max))
    }

    @Test("rises strictly while the clock stands still or steps back") func risesStrictlyWhileTheClockStandsStill() {
        let clock = ManualClock(1_000_000)
        let source = IdentifierSource(time: clock.source, random: seededSource(7))
        var last = source.next()
        for step in 0..<10_000 {
            if step == 5_000 { clock.set(10) }
            let next = source.next()
            #expect(next > last && next.isVersion7)
            last = next
        }
        #expect(last.timestamp.unixMilliseconds == 1_000_000)
        clock.set(2_000_000)
        #expect(source.next().timestamp.unixMilliseconds == 2_000_000)
    }

    @Test("takes the time one further when the bits run out") func takesTheTimeOneFurtherWhenThe() {
        let source = IdentifierSource(
            time: TimeSource(now: { Instant(unixMilliseconds: 5) }, monotonicNanoseconds: { 0 }),
            random: RandomSource { buffer in for index in buffer.indices { buffer[index] = 0xFF } })
        let first = source.next()
        let second = source.next()
        #expect(first.timestamp.unixMilliseconds == 5)
        #expect(second.timestamp.unixMilliseconds == 6)
        #expect(second > first && second.isVersion7)
    }

    @Test("gives no two tasks the same identifier") func givesNoTwoTasksTheSameIdentifier() async {
        let source = IdentifierSource(time: .system, random: seededSource(9))
        let made = await withTaskGroup(of: [Identifier].self) { group in
            for _ in 0..<8 { group.addTask { (0..<1_000).map { _ in source.next() } } }
            return await group.reduce(into: Set<Identifier>()) { $0.formUnion($1) }
        }
        #expect(made.count == 8_000)
    }
}
