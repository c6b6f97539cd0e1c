// The settings file that init writes: the zone set, the rest as comments with its default.
import Encoding

/// The text of a new home's settings.
enum SettingsTemplate {
    static func text(timezone: String, master: String? = nil) -> String {
        let zone = quoted(timezone)
        let key =
            master.map { "master: \(quoted($0))," }
            ?? "// master: \"file:/run/keys/sanctuary\",            // else MASTER_ENCRYPTION_KEY, else keys/master.key"
        return """
            // The settings of this home: JSON with comments and trailing commas. All are optional.
            // Secrets never stand here: a key is named by the variable or file that holds it.
            {
              timezone: \(zone),
              // nightly: { at: "06:00", jobs: 16 },
              // budget: { run: "0.10", night: "5.00" },        // USD; checked before each call with the worst case
              // tokens: { daily: 10000, bankCap: 100000, minimumRun: 100 },
              // weekly: { day: "sunday" },
              // run: { maxRounds: 8, maxToolCallsPerTurn: 5 },
              // providers: {
              //   anthropic: { dialect: "anthropic", keyEnv: "ANTHROPIC_API_KEY" },
              //   local: { dialect: "openai", baseURL: "http://127.0.0.1:8080/v1",
              //            models: { "qwen3": { input: 0, output: 0, window: 32768 } } },   // USD per million tokens
              // },
              // fallback: ["anthropic/claude-sonnet-5-5", "local/qwen3"],
              \(key)
            }

            """
    }

    private static func quoted(_ text: String) -> String {
        String(decoding: JSON.string(text).serialized(), as: UTF8.self)
    }
}
