// Reading `providers.<name>` of the settings.
import Encoding
import Providers
import Testing

private func read(_ json: JSONObject, name: String = "p") throws(ProviderSettingsFault) -> ProviderSettings {
    try ProviderSettings(name: name, json: json)
}

@Suite struct ProviderSettingsTests {
    @Test func thePagesExampleIsRead() throws {
        let text = """
            {anthropic: {dialect: "anthropic", keyEnv: "ANTHROPIC_API_KEY"},
             local: {dialect: "openai", baseURL: "http://127.0.0.1:8080/v1",
                     models: { "qwen3": { input: 0, output: 0, window: 32768 } },
                     concurrency: 2, requestsPerMinute: 30 }}
            """
        let json = try JSON.parse(Array(text.utf8), dialect: .json5)
        let anthropic = try read(try #require(json["anthropic"]?.object), name: "anthropic")
        #expect(anthropic.baseURL == "https://api.anthropic.com" && anthropic.apiVersion == "2026-10-21")
        #expect(anthropic.keyHeader == .apiKey && anthropic.streams && anthropic.concurrency == 16)
        let local = try read(try #require(json["local"]?.object), name: "local")
        #expect(local.concurrency == 2 && local.requestsPerMinute == 30 && local.keyHeader == .bearer)
        let qwen = local.capabilities(of: "qwen3")
        #expect(qwen.price == .free && qwen.window == 32_768 && qwen.maximumOutput == 4_096)
    }

    @Test func aRowMayChangeAKnownModelsPriceAlone() throws {
        let settings = try read([
            "dialect": "anthropic",
            "models": ["claude-opus-5-5": ["input": "3.5", "output": 17.5, "cacheRead": "0.1"]],
        ])
        let row = settings.capabilities(of: "claude-opus-5-5")
        #expect(row.price == Price(input: 3_500_000, output: 17_500_000, cacheRead: 100_000))
        #expect(row.priceDate == nil && row.window == 1_000_000, "the rest is the catalogue's")
    }

    @Test func theDialectIsTheNameWhereNoneIsGiven() throws {
        #expect(try read([:], name: "openai").dialect == .openai)
        #expect(throws: ProviderSettingsFault.unknownDialect("p", known: ["anthropic", "openai", "rehearsal"])) {
            try read([:])
        }
    }

    @Test func mistakesAreNamed() {
        let dialect: JSONObject = ["dialect": "anthropic"]
        func fault(_ key: String, _ value: JSON) -> ProviderSettingsFault? {
            var json = dialect
            json[key] = value
            do throws(ProviderSettingsFault) {
                _ = try read(json)
                return nil
            } catch {
                return error
            }
        }
        #expect(fault("baseUrl", "x") == .unknownKey("baseUrl", known: ProviderSettings.knownKeys))
        #expect(fault("baseURL", "http://example.org") == .insecureBaseURL(host: "example.org"))
        #expect(fault("baseURL", "nonsense") == .invalidBaseURL)
        #expect(
            fault("concurrency", 0) == .invalidValue(key: "concurrency", expected: "a whole number from 1 to 10000"))
        for value in ["2023-06-01\r\nX: 1", "2023-06-01\n", "a\u{0}", "a\u{7F}", "zw\u{F6}lf", " "] {
            #expect(fault("apiVersion", .string(value)) == .notForHeader(key: "apiVersion", value: value))
        }
        #expect(fault("stream", "yes") == .invalidValue(key: "stream", expected: "true or false"))
        #expect(
            fault("keyHeader", "cookie") == .invalidValue(key: "keyHeader", expected: "one of x-api-key, bearer"))
        #expect(
            fault("models", ["m": ["input": 1]])
                == .invalidValue(key: "models.m", expected: "both input and output, or neither"))
        #expect(
            fault("models", ["m": ["input": "cheap", "output": 1]])
                == .invalidValue(key: "models.m.input", expected: "USD per million tokens, at most 6 decimals"))
        #expect(
            fault("models", ["m": ["in": 1]]) == .unknownKey("in", known: ProviderSettings.knownModelKeys))
        #expect(throws: ProviderSettingsFault.twoKeys) {
            try read(["dialect": "openai", "keyEnv": "A", "keyFile": "/b"])
        }
        for name in ["", "a/b", "a b", String(repeating: "n", count: 300)] {
            #expect(throws: ProviderSettingsFault.invalidName) { try read(dialect, name: name) }
        }
    }

    @Test func modelNamesAreStrict() {
        #expect(ModelName("openrouter/qwen/qwen3")?.model == "qwen/qwen3")
        #expect(ModelName("a/b")?.description == "a/b")
        for wrong in ["", "a", "/b", "a/", "a b/c", "a/b\n", "ä/b", String(repeating: "m", count: 199) + "/m"] {
            #expect(ModelName(wrong) == nil, "\(wrong)")
        }
    }
}
