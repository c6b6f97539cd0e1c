// Finding a model's row in the embedded catalogue.
internal import Encoding

/// The embedded, dated rows of what is known of the well-known models.
public struct ModelCatalogue: Sendable {
    private let models: [String: [String: Row]]
    /// The day the rows were read, `YYYY-MM-DD`.
    public let date: String

    private struct Row: Sendable {
        let capabilities: ModelCapabilities
        let hourWrite: Int64?
    }

    /// The catalogue of this build.
    public static let embedded = ModelCatalogue(parsing: rows)

    /// Reads rows; one that does not parse is left out, so that its model is unpriced.
    init(parsing text: String) {
        let json = (try? JSON.parse(Array(text.utf8))) ?? .null
        let day = json["date"]?.string ?? "unknown"
        date = day
        var models: [String: [String: Row]] = [:]
        for (dialect, named) in json.object ?? JSONObject() {
            for (model, row) in named.object ?? JSONObject() {
                models[dialect, default: [:]][model] = Self.row(row, day: day)
            }
        }
        self.models = models
    }

    /// The models known for a dialect, sorted.
    public func models(of dialect: DialectName) -> [String] { models[dialect.rawValue, default: [:]].keys.sorted() }

    /// What is known of a model; the dated name `claude-haiku-4-5-20251001` has the row of `claude-haiku-4-5`.
    public func capabilities(
        of model: String, dialect: DialectName, cacheLifetime: CacheLifetime = .fiveMinutes
    ) -> ModelCapabilities? {
        let known = models[dialect.rawValue, default: [:]]
        guard let row = known[model] ?? known[Self.undated(model)] else { return nil }
        var capabilities = row.capabilities
        if cacheLifetime == .oneHour, let write = row.hourWrite { capabilities.price?.cacheWrite = write }
        return capabilities
    }

    private static func undated(_ model: String) -> String {
        guard let dash = model.lastIndex(of: "-") else { return model }
        let suffix = model[model.index(after: dash)...]
        return suffix.utf8.count == 8 && suffix.utf8.allSatisfy { (0x30...0x39).contains($0) }
            ? String(model[..<dash]) : model
    }

    private static func row(_ row: JSON, day: String) -> Row? {
        func price(_ key: String) -> Int64? { row[key].flatMap(Money.picoUSDPerToken(perMillion:)) }
        guard let input = price("input"), let output = price("output"), let window = row["window"]?.integer,
            let maximumOutput = row["maxOutput"]?.integer
        else { return nil }
        let capabilities = ModelCapabilities(
            window: Int(window), maximumOutput: Int(maximumOutput),
            systemRole: row["system"]?.string.flatMap(ModelCapabilities.SystemRole.init(rawValue:)) ?? .system,
            outputLimitName: row["outputLimit"]?.string.flatMap(ModelCapabilities.OutputLimitName.init(rawValue:))
                ?? .maxTokens,
            cacheMinimum: row["cacheMinimum"]?.integer.map { Int($0) }, sampling: row["sampling"]?.bool ?? false,
            price: Price(input: input, output: output, cacheRead: price("read"), cacheWrite: price("write")),
            priceDate: day, batchPercent: row["batch"]?.integer.map { Int($0) })
        return Row(capabilities: capabilities, hourWrite: price("write1h"))
    }
}
