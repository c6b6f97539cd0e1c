// Reading `providers.<name>` of the settings file.
public import Encoding

/// What is wrong with a provider's settings; rendering names the setting.
public enum ProviderSettingsFault: Error, Equatable, Sendable {
    /// A key that no provider has; `known` are those it may be.
    case unknownKey(String, known: [String])
    /// A value of the wrong kind or out of range; `expected` says what would do.
    case invalidValue(key: String, expected: String)
    /// A dialect that this version does not speak.
    case unknownDialect(String, known: [String])
    /// The base URL is none, or has a user, a query or a fragment.
    case invalidBaseURL
    /// http to a host that is not this machine.
    case insecureBaseURL(host: String)
    /// A provider's name is empty, too long, or has a slash, a blank or something invisible in it.
    case invalidName
    /// Two providers of one name.
    case duplicateName(String)
    /// Both `keyEnv` and `keyFile`.
    case twoKeys
    /// A value that is sent as a header, and holds what no header may.
    case notForHeader(key: String, value: String)
}

extension ProviderSettings {
    /// The keys that `providers.<name>` may have.
    public static let knownKeys = [
        "dialect", "baseURL", "keyEnv", "keyFile", "keyHeader", "apiVersion", "models", "concurrency",
        "requestsPerMinute", "tokensPerMinute", "outputTokensPerMinute", "stream", "cacheLifetime", "timeoutSeconds",
    ]

    /// The keys that a row of `providers.<name>.models` may have; prices are USD per million tokens.
    public static let knownModelKeys = [
        "input", "output", "cacheRead", "cacheWrite", "window", "maxOutput", "systemRole", "outputLimit",
        "batchPercent",
    ]

    /// Reads the settings of one provider; unknown keys are refused.
    public init(name: String, json: JSONObject) throws(ProviderSettingsFault) {
        guard ModelName(provider: name, model: "model") != nil else { throw .invalidName }
        for key in json.keys where !Self.knownKeys.contains(key) { throw .unknownKey(key, known: Self.knownKeys) }
        let reader = SettingsReader(json: json)
        let spelled = try reader.text("dialect") ?? name
        guard let dialect = DialectName(rawValue: spelled) else {
            throw .unknownDialect(spelled, known: DialectName.allCases.map(\.rawValue))
        }
        let variable = try reader.text("keyEnv", "the name of an environment variable") { text in
            text.utf8.allSatisfy { $0 == 0x5F || (0x30...0x39).contains($0) || (0x41...0x5A).contains($0 & 0xDF) }
        }
        let file = try reader.text("keyFile")
        guard variable == nil || file == nil else { throw .twoKeys }
        self.init(
            name: name, dialect: dialect, baseURL: try reader.text("baseURL"),
            key: variable.map { .environment($0) } ?? file.map { .file($0) },
            keyHeader: try reader.choice("keyHeader"), apiVersion: try reader.headerValue("apiVersion"))
        if dialect != .rehearsal { _ = try Endpoint(baseURL) }
        for (model, row) in try reader.object("models") ?? JSONObject() {
            models[model] = try Self.row(row, of: model, known: capabilities(of: model))
        }
        concurrency = try reader.whole("concurrency", in: 1...10_000) ?? concurrency
        requestsPerMinute = try reader.whole("requestsPerMinute", in: 1...1_000_000)
        tokensPerMinute = try reader.whole("tokensPerMinute", in: 1...1_000_000_000)
        outputTokensPerMinute = try reader.whole("outputTokensPerMinute", in: 1...1_000_000_000)
        streams = try reader.flag("stream") ?? streams
        cacheLifetime = try reader.choice("cacheLifetime") ?? cacheLifetime
        if let seconds = try reader.whole("timeoutSeconds", in: 1...3_600) {
            timeoutMilliseconds = seconds * 1_000
            idleTimeoutMilliseconds = min(idleTimeoutMilliseconds, timeoutMilliseconds)
        }
    }

    private static func row(
        _ json: JSON, of model: String, known: ModelCapabilities
    ) throws(ProviderSettingsFault) -> ModelCapabilities {
        guard let object = json.object else {
            throw .invalidValue(key: "models.\(model)", expected: "an object")
        }
        for key in object.keys where !knownModelKeys.contains(key) { throw .unknownKey(key, known: knownModelKeys) }
        let reader = SettingsReader(json: object, prefix: "models.\(model).")
        var row = known
        row.window = try reader.whole("window", in: 1_000...100_000_000) ?? row.window
        row.maximumOutput = try reader.whole("maxOutput", in: 1...10_000_000) ?? row.maximumOutput
        row.batchPercent = try reader.whole("batchPercent", in: 1...100) ?? row.batchPercent
        row.systemRole = try reader.choice("systemRole") ?? row.systemRole
        row.outputLimitName = try reader.choice("outputLimit") ?? row.outputLimitName
        switch (try reader.price("input"), try reader.price("output")) {
        case (.some(let input), .some(let output)):
            row.price = Price(
                input: input, output: output, cacheRead: try reader.price("cacheRead"),
                cacheWrite: try reader.price("cacheWrite"))
            row.priceDate = nil
        case (nil, nil): break
        default: throw .invalidValue(key: "models.\(model)", expected: "both input and output, or neither")
        }
        return row
    }
}

/// Typed access to the members of a settings object; a fault names the key.
private struct SettingsReader {
    let json: JSONObject
    var prefix = ""

    func text(
        _ key: String, _ expected: String = "a text", where isFit: (String) -> Bool = { _ in true }
    ) throws(ProviderSettingsFault) -> String? {
        guard let value = json[key] else { return nil }
        guard let text = value.string, !text.isEmpty, text.utf8.count <= 4_096, isFit(text) else {
            throw .invalidValue(key: prefix + key, expected: expected)
        }
        return text
    }

    /// A text that a header can hold as it is: visible ASCII without blanks.
    func headerValue(_ key: String) throws(ProviderSettingsFault) -> String? {
        guard let text = try text(key) else { return nil }
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .notForHeader(key: prefix + key, value: text)
        }
        return text
    }

    func flag(_ key: String) throws(ProviderSettingsFault) -> Bool? {
        guard let value = json[key] else { return nil }
        guard let flag = value.bool else { throw .invalidValue(key: prefix + key, expected: "true or false") }
        return flag
    }

    func whole(_ key: String, in range: ClosedRange<Int>) throws(ProviderSettingsFault) -> Int? {
        guard let value = json[key] else { return nil }
        guard let number = value.integer, let whole = Int(exactly: number), range.contains(whole) else {
            throw .invalidValue(
                key: prefix + key, expected: "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return whole
    }

    func object(_ key: String) throws(ProviderSettingsFault) -> JSONObject? {
        guard let value = json[key] else { return nil }
        guard let object = value.object else { throw .invalidValue(key: prefix + key, expected: "an object") }
        return object
    }

    func choice<Choice: RawRepresentable & CaseIterable>(
        _ key: String
    ) throws(ProviderSettingsFault) -> Choice? where Choice.RawValue == String {
        guard let text = try text(key) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            throw .invalidValue(
                key: prefix + key, expected: "one of " + Choice.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return choice
    }

    func price(_ key: String) throws(ProviderSettingsFault) -> Int64? {
        guard let value = json[key] else { return nil }
        guard let price = Money.picoUSDPerToken(perMillion: value) else {
            throw .invalidValue(key: prefix + key, expected: "USD per million tokens, at most 6 decimals")
        }
        return price
    }
}
