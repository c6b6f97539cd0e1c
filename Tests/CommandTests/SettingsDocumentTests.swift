// The page about the settings names every key that the program reads, and its example is one that the program takes.
import Engine
import Providers
import TestSupport
import Testing
import Vault

@testable import sanctuary

@Suite struct SettingsDocumentTests {
    private var page: String {
        get throws {
            let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
            return String(decoding: try readFile(parts.joined(separator: "/") + "/docs/settings.md"), as: UTF8.self)
        }
    }

    @Test func everyKeyIsOnThePage() throws {
        let page = try page
        for (section, keys) in Settings.keys {
            for key in keys.isEmpty ? [section] : keys.map({ "\(section).\($0)" }) {
                #expect(page.contains("`\(key)`"), "\(key)")
            }
        }
        for key in ProviderSettings.knownKeys + ProviderSettings.knownModelKeys {
            #expect(page.contains("`\(key)`"), "\(key)")
        }
    }

    @Test func theExampleIsTaken() throws {
        let page = try page
        let start = try #require(page.firstRange(of: "```json5\n")).upperBound
        let end = try #require(page[start...].firstRange(of: "```")).lowerBound
        let settings = try Settings(json5: Array(page[start..<end].utf8))
        #expect(settings.engine.budget.run == 100_000_000_000)
        #expect(settings.engine.fallback.map(\.description) == ["anthropic/claude-sonnet-5-5", "local/qwen3"])
        #expect(settings.providers.map(\.name) == ["local"])
    }

    @Test func theFileOfInitIsTaken() throws {
        let text = SettingsTemplate.text(timezone: "Europe/Paris", master: "file:/run/keys/\"odd\"")
        let settings = try Settings(json5: Array(text.utf8))
        #expect(settings.engine.timezone == "Europe/Paris")
        #expect(settings.master == .file("/run/keys/\"odd\""))
        #expect(try Settings(json5: Array(SettingsTemplate.text(timezone: "UTC").utf8)).master == nil)
        // Every line that is commented out is one that could be taken in.
        let all = text.split(separator: "\n").map { line in
            line.hasPrefix("  // ") ? "  " + line.dropFirst(5) : String(line)
        }
        #expect(try Settings(json5: Array(all.joined(separator: "\n").utf8)).nightlyJobs == 16)
    }
}
