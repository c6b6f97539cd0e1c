// Names that a reader, or the command line, would take for something else.
import Encoding
import Testing

@Suite struct DisplayNameTests {
    @Test(arguments: [
        "Ada", "Decade", "Facade", "0x1F", "Ünïcode 😀 👩‍👩‍👧", "❤️‍🔥", "1️⃣", "می\u{200C}خواهم",
        "葛\u{E0100}城", "Resident 12",
        "31a0253", "Housekeeper", "31a02537 the second",
    ])
    func anOrdinaryNameIsFine(_ name: String) {
        #expect(DisplayName.fault(in: name) == nil)
    }

    @Test(arguments: [
        "31a02537", "31A02537", "31a0-2537", "019a9d3c8c00", "019a9d3c-8c00-7abc-8def-000000000001", "deadbeef",
        "20261121", "３１ａ０２５３７",
    ])
    func whatReadsAsAnIDIsRefused(_ name: String) {
        #expect(DisplayName.fault(in: name) == .identifier)
    }

    @Test(arguments: ["house", "House", " KEEPER ", "uploader", "human:Ann", "Resident:31a02537"])
    func anAddressIsRefused(_ name: String) {
        #expect(DisplayName.fault(in: name) == .reserved)
    }

    @Test(arguments: ["", "\u{200B}", " \u{200D}\u{FE0F} ", "\u{3164}", "\u{2800}", "\u{E0041}\u{E0042}", "\u{FEFF}"])
    func whatShowsNothingIsRefused(_ name: String) {
        #expect(DisplayName.fault(in: name) == .invisible)
    }

    @Test(arguments: [
        "X\u{200B}", "X\u{200D}", "X\u{200D}Y", "\u{200F}X", "X\u{2060}Y", "X\u{FEFF}", "X\u{202E}Y", "X\u{2066}Y",
        "X\u{E0041}", "X\u{7}", "X\u{AD}Y", "X\u{3164}", "X\u{FE0F}\u{FE0E}",
    ])
    func whatHidesIsRefused(_ name: String) {
        guard case .hidden = DisplayName.fault(in: name) else {
            Issue.record("\(name.debugDescription) hides something")
            return
        }
    }

    @Test func twinsFoldToOneName() {
        for twin in ["X Y", "x y", "X\u{200B} Y", "X\u{A0}Y", " X  Y ", "X\u{E0041} Y\u{FE0F}"] {
            #expect(DisplayName.folded(twin) == "x y")
        }
        #expect(DisplayName.folded("Xy") != DisplayName.folded("X y"))
    }
}
