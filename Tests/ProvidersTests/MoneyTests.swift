// Money in whole pico-dollars, never a price made up (S2-58, OPEN-18); the catalogue; estimates of tokens.
import Encoding
import Providers
import Testing

@Suite struct MoneyTests {
    @Test func decimalsAreExact() {
        #expect(Money.picoUSD(decimal: "0.25") == 250_000_000_000)
        #expect(Money.picoUSD(decimal: "1") == Money.picoPerUSD)
        #expect(Money.picoUSD(decimal: "0.000000000001") == 1)
        #expect(Money.picoUSD(decimal: "9223372.036854775807") == .max)
        #expect(Money.picoUSD(decimal: "9223372.036854775808") == nil)
        #expect(Money.picoUSD(decimal: "0.0000000000001") == nil, "finer than a pico-dollar")
        #expect(Money.picoUSD(decimal: "0.10000000000000") == 100_000_000_000, "zeros at the end are not finer")
        for wrong in ["", ".", "1.", ".5", "-1", "+1", "1,5", "1 ", "0x1", "1e", "e3", "NaN", "١"] {
            #expect(Money.picoUSD(decimal: wrong) == nil, "\(wrong)")
        }
    }

    @Test func pricesComeAsTextOrAsNumbers() throws {
        #expect(Money.picoUSDPerToken(perMillion: "0.125") == 125_000)
        #expect(Money.picoUSDPerToken(perMillion: .integer(2)) == 2_000_000)
        #expect(Money.picoUSDPerToken(perMillion: try JSON.parse(Array("0.1".utf8))) == 100_000)
        #expect(Money.picoUSDPerToken(perMillion: try JSON.parse(Array("0.00001".utf8))) == 10, "1e-05 when printed")
        #expect(Money.picoUSDPerToken(perMillion: try JSON.parse(Array("0.0000001".utf8))) == nil)
        #expect(Money.picoUSDPerToken(perMillion: .bool(true)) == nil)
    }

    @Test func costsAreSumsAndStopAtTheirLargest() {
        let price = Price(input: 2_000_000, output: 10_000_000, cacheRead: 200_000, cacheWrite: 2_500_000)
        let usage = TokenUsage(input: 1_000, cacheRead: 50_000, cacheWrite: 300, output: 77)
        #expect(price.cost(of: usage) == 2_000_000_000 + 10_000_000_000 + 750_000_000 + 770_000_000)
        #expect(price.cost(of: TokenUsage(input: .max)) == .max)
        #expect(Price(input: 5, output: 1).cacheWrite == 7 && Price(input: 5, output: 1).cacheRead == 5)
        #expect(Price(input: .max, output: 1).cacheWrite == .max, "an absurd price of a file's")
        #expect(Money.picoUSD(decimal: "1e-9223372036854775808") == nil)
        #expect(Price.free.worstCase(inputTokens: 1_000_000, outputTokens: 1_000_000) == 0)
    }

    @Test func reportsRoundUpOnce() {
        #expect(Money.microUSD(roundingUp: 0) == 0)
        #expect(Money.microUSD(roundingUp: 1) == 1)
        #expect(Money.microUSD(roundingUp: 1_000_000) == 1)
        #expect(Money.microUSD(roundingUp: 1_000_001) == 2)
    }
}

@Suite struct ModelCatalogueTests {
    @Test func everyRowIsReadAndDated() throws {
        let catalogue = ModelCatalogue.embedded
        #expect(catalogue.date == "2026-11-21")
        #expect(catalogue.models(of: .anthropic).count == 5 && catalogue.models(of: .openai).count == 3)
        for dialect in [DialectName.anthropic, .openai] {
            for name in catalogue.models(of: dialect) {
                let row = try #require(catalogue.capabilities(of: name, dialect: dialect))
                let price = try #require(row.price)
                #expect(price.cacheRead < price.input && price.input < price.output, "\(name)")
                #expect(row.priceDate == catalogue.date && row.maximumOutput < row.window)
            }
        }
    }

    @Test func rowsAreFoundByNameAndByDatedName() throws {
        let catalogue = ModelCatalogue.embedded
        let opus = try #require(catalogue.capabilities(of: "claude-opus-5-5", dialect: .anthropic))
        #expect(opus.price == Price(input: 4_000_000, output: 20_000_000, cacheRead: 200_000, cacheWrite: 5_000_000))
        #expect(
            catalogue.capabilities(of: "claude-opus-5-5", dialect: .anthropic, cacheLifetime: .oneHour)?.price?
                .cacheWrite == 8_000_000)
        #expect(catalogue.capabilities(of: "claude-haiku-4-5-20251001", dialect: .anthropic)?.window == 200_000)
        #expect(catalogue.capabilities(of: "claude-opus-5-5", dialect: .openai) == nil)
        #expect(catalogue.capabilities(of: "claude-opus-9", dialect: .anthropic) == nil)
        #expect(catalogue.capabilities(of: "gpt-6-luna", dialect: .openai)?.systemRole == .developer)
    }

    @Test func unknownModelsAreUnpriced() {
        let capabilities = ProviderSettings(name: "p", dialect: .openai).capabilities(of: "unheard-of")
        #expect(capabilities.price == nil)
        #expect(capabilities.window == 200_000 && capabilities.maximumOutput == 4_096)
    }
}

@Suite struct TokenEstimateTests {
    @Test func estimatesAreRatherTooHigh() {
        #expect(TokenEstimate.tokens(in: "") == 0)
        #expect(TokenEstimate.tokens(in: "four words are here") == 7)
        #expect(TokenEstimate.tokens(in: "静かな夜") == 6)
    }

    /// The stand-in counts four bytes a token; what a run reserves must cover what it then settles.
    @Test func theEstimateCoversWhatTheStandInCounts() async throws {
        let bench = try Bench([])
        for text in ["hi", String(repeating: "\n\"quoted\"\t", count: 500), String(repeating: "夜🌙", count: 400)] {
            let conversation = Conversation(
                system: [SystemBlock(text: String(repeating: text, count: 9), cacheBreakpoint: true)],
                turns: [Turn(role: .user, blocks: [.text(text)])],
                tools: [ToolDeclaration(name: "t", description: text, inputSchema: ["type": "object"])],
                maximumOutputTokens: 500)
            let usage = try await bench.router.send(conversation, to: .rehearsal).usage
            #expect(usage.totalInput <= TokenEstimate.inputTokens(of: conversation))
            #expect(usage.output <= 500)
        }
        await bench.close()
    }
}
