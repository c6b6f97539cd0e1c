// Imports that mean harm or came to harm: sizes, depths, broken text, broken images, and a seeded fuzzer.
import Encoding
import Persona
import Testing

@Suite struct HostileImportTests {
    @Test func aFileOfFiftyMegabytesIsRefusedUnread() {
        let bytes = [UInt8](repeating: 0x20, count: 50_000_000)
        #expect(
            personaError { _ = try PersonaImport.read(bytes, fileName: "big.json") }
                == .importTooLarge(bytes: 50_000_000, limit: 20_971_520))
    }

    @Test func deepNestingIsRefused() {
        let deep = String(repeating: "[", count: 100_000)
        guard case .malformedJSON(line: nil, .tooDeep(limit: 64, _)) = personaError({ _ = try importText(deep) })
        else {
            Issue.record("deep nesting was not refused as such")
            return
        }
    }

    @Test(arguments: ["\\ud800", "\\udc00x", "\\ud83d\\u0041"])
    func loneSurrogatesAreRefused(escape: String) {
        let text = "{\"name\":\"A\",\"system_prompt\":\"\(escape)\"}"
        guard case .malformedJSON(line: nil, .loneSurrogate) = personaError({ _ = try importText(text) }) else {
            Issue.record("a lone surrogate was not refused as such")
            return
        }
    }

    @Test func rawNULsInvalidUTF8AndDuplicateKeysAreRefused() {
        let texts: [[UInt8]] = [
            Array("{\"name\":\"A\",\"system_prompt\":\"a".utf8) + [0] + Array("b\"}".utf8),
            Array("{\"name\":\"A\",\"system_prompt\":\"a".utf8) + [0xFF] + Array("b\"}".utf8),
            Array("{\"name\":\"A\",\"name\":\"B\",\"system_prompt\":\"p\"}".utf8), [],
        ]
        for text in texts {
            guard case .malformedJSON = personaError({ _ = try PersonaImport.read(text, fileName: "x") }) else {
                Issue.record("broken JSON was not refused as such")
                continue
            }
        }
    }

    @Test func aBrokenLineIsNamedByItsNumber() {
        let text = "{\"role\":\"user\",\"content\":\"a\"}\n\n{\"role\":"
        guard case .malformedJSON(line: 3, _) = personaError({ _ = try importText(text) }) else {
            Issue.record("the broken line was not named")
            return
        }
    }

    @Test func hugeCountsAreRefused() {
        let messages = String(repeating: "{\"role\":\"user\"},", count: 100_001).dropLast()
        #expect(
            personaError { _ = try importText("{\"messages\":[\(messages)]}") }
                == .tooMany(field: "messages", limit: 100_000))
        let notes = String(repeating: "\"x\",", count: 1_001).dropLast()
        #expect(
            personaError { _ = try importText("{\"name\":\"A\",\"system_prompt\":\"p\",\"memory\":[\(notes)]}") }
                == .tooMany(field: "memory", limit: 1_000))
        let entries = String(repeating: "{\"content\":\"x\",\"constant\":true},", count: 1_001).dropLast()
        #expect(
            personaError {
                _ = try importText(
                    "{\"spec\":\"chara_card_v2\",\"data\":{\"name\":\"W\","
                        + "\"character_book\":{\"entries\":[\(entries)]}}}"
                )
            } == .tooMany(field: "data.character_book.entries", limit: 1_000))
    }

    @Test func hostileBracesCostNoMoreThanTheirLength() throws {
        let braces = String(repeating: "{{", count: 60_000) + String(repeating: "}}", count: 60_000)
        let persona = try importText(
            "{\"spec\":\"chara_card_v2\",\"data\":{\"name\":\"W\",\"description\":\"\(braces)\"}}")
        #expect(persona.systemPrompt == braces)
    }

    @Test func keysOfAFileCannotCommandATerminal() throws {
        let persona = try importText("{\"name\":\"A\",\"system_prompt\":\"p\",\"\\u001b[2J\\n\":1}")
        #expect(persona.report.losses == [ImportLoss("\u{FFFD}[2J\u{FFFD}", .keptUnused)])
    }
}

@Suite struct CardImageTests {
    private static let card = "{\"spec\":\"chara_card_v2\",\"data\":{\"name\":\"Wren\",\"description\":\"d\"}}"

    private func fault(_ bytes: [UInt8]) -> CardImageFault? {
        guard case .image(let fault) = personaError({ _ = try CardImage.card(in: bytes) }) else { return nil }
        return fault
    }

    @Test func everyTruncationIsRefused() {
        let bytes = TestImage.png([TestImage.text("tEXt", "chara", Self.card)])
        for count in 0..<bytes.count {
            let cut = Array(bytes[..<count])
            let expected: CardImageFault? = count < 8 ? .notPNG : nil
            let found = fault(cut)
            #expect(found != nil)
            if let expected { #expect(found == expected) } else { #expect(found != .noCard) }
            #expect(throws: PersonaError.self) { _ = try PersonaImport.read(cut, fileName: "x.png") }
        }
    }

    @Test func everyFlippedBitIsRefused() {
        let bytes = TestImage.png([TestImage.text("tEXt", "chara", Self.card)])
        for index in bytes.indices {
            for bit in 0..<8 {
                var altered = bytes
                altered[index] ^= 1 << UInt8(bit)
                #expect(fault(altered) != nil, "bit \(bit) of byte \(index)")
            }
        }
    }

    @Test func chunksAreHeldToTheirPlaces() {
        let text = TestImage.text("tEXt", "chara", Self.card)
        let header = Array(TestImage.png([])[8..<33])
        #expect(fault(TestImage.signature + text + TestImage.chunk("IEND", [])) == .misplacedChunk(offset: 8))
        #expect(fault(TestImage.png([header])) == .misplacedChunk(offset: 33))
        #expect(fault(TestImage.png([TestImage.chunk("t\u{1}Xt", [])])) == .misplacedChunk(offset: 33))
        #expect(fault(TestImage.signature + header + text) == .truncated(offset: 33 + text.count))
        #expect(fault(TestImage.signature + header + [0xFF, 0xFF, 0xFF, 0xFF] + text[4...]) == .truncated(offset: 33))
    }

    @Test func whatFollowsTheEndIsNotLookedAt() throws {
        let bytes = TestImage.png([TestImage.text("tEXt", "chara", Self.card)]) + Array("PK\u{3}\u{4}".utf8)
        #expect(try CardImage.card(in: bytes).json == Array(Self.card.utf8))
    }

    @Test func compressedAndInternationalTextIsSaidToBeUnsupported() throws {
        for type in ["zTXt", "iTXt"] {
            #expect(fault(TestImage.png([TestImage.text(type, "ccv3", Self.card)])) == .unsupportedChunk(type: type))
        }
        let both = TestImage.png([
            TestImage.text("zTXt", "ccv3", Self.card), TestImage.text("tEXt", "CHARA", Self.card),
        ])
        #expect(try CardImage.card(in: both).keyword == "chara")
    }

    @Test func theNewerKeywordIsPreferredAndTheFirstOfEachCounts() throws {
        let bytes = TestImage.png([
            TestImage.text("tEXt", "chara", "{}"), TestImage.text("tEXt", "Ccv3", Self.card),
            TestImage.text("tEXt", "ccv3", "[]"),
        ])
        let found = try CardImage.card(in: bytes)
        #expect(found.keyword == "ccv3")
        #expect(found.json == Array(Self.card.utf8))
    }

    @Test func base64IsTakenWithLineBreaksAndWithoutPaddingButNotAsGarbage() throws {
        func image(_ value: String) -> [UInt8] {
            TestImage.png([TestImage.chunk("tEXt", Array("chara".utf8) + [0] + Array(value.utf8))])
        }
        #expect(try CardImage.card(in: image("eyJ9\r\n fQ")).json == Array("{\"}}".utf8))
        for garbage in ["", "!!!!", "e", "eyJ9=fQ=", "eyJ9\u{0}", "====", "é"] {
            #expect(fault(image(garbage)) == .invalidBase64)
        }
    }

    @Test func boundsOnChunksHold() {
        let many = (0..<CardImage.mostChunks).flatMap { _ in TestImage.chunk("tEXt", []) }
        let header = TestImage.png([])[..<33]
        #expect(fault(header + many) == .tooManyChunks(limit: CardImage.mostChunks))
    }

    @Test func textChunksWithoutAKeywordAreNoCard() {
        let chunks = [
            TestImage.chunk("tEXt", []), TestImage.chunk("tEXt", Array("chara".utf8)),
            TestImage.chunk("tEXt", [0] + Array("e30=".utf8)),
            TestImage.chunk("tEXt", Array(repeating: 0x61, count: 200)),
        ]
        #expect(fault(TestImage.png(chunks)) == .noCard)
    }

    @Test(arguments: 1...4)
    func mutatedFilesAreReadOrRefusedAndNeverTrap(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let seeds: [[UInt8]] = [
            TestImage.png([TestImage.text("tEXt", "chara", Self.card)]), Array(Self.card.utf8),
            Array(PackageTests.full.utf8), Array("{\"messages\":[{\"role\":\"user\",\"content\":\"{{char}}\"}]}".utf8),
            Array("{\"name\":\"A\",\"system_prompt\":\"p\",\"history\":[],\"preferences\":{}}".utf8),
        ]
        var refused = 0
        for _ in 0..<1_500 {
            guard var bytes = seeds.randomElement(using: &random) else { continue }
            for _ in 0..<Int.random(in: 1...6, using: &random) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[place] = .random(in: .min ... .max, using: &random)
                case 1: bytes.remove(at: place)
                case 2: bytes.insert(contentsOf: bytes[place...].prefix(9), at: place)
                default: bytes.removeSubrange(place..<min(bytes.count, place + 12))
                }
            }
            if personaError({ _ = try PersonaImport.read(bytes, fileName: "x") }) != nil { refused += 1 }
        }
        // A fuzzer whose inputs were all accepted, or all refused, would test nothing.
        #expect((1..<1_500).contains(refused))
    }
}
