// The line to one provider: its settings, endpoint, key and gate, made once.
internal import Cryptography
internal import Encoding
internal import HTTPClient

/// One provider as the router holds it.
struct ProviderLine: Sendable {
    private(set) var settings: ProviderSettings
    let gate: RequestGate
    let breaker: ProviderBreaker
    private let endpoint: Endpoint?
    private let key: SharedSecret?

    /// Checks the settings and reads the key; a line of the same host and key among `others` shares its rates.
    init(
        _ settings: ProviderSettings, others: [ProviderLine], time: TimeSource, patienceMilliseconds: Int64,
        sleep: @escaping Sleep
    ) throws(ProviderError) {
        guard ModelName(provider: settings.name, model: "model") != nil else {
            throw .invalidSettings(provider: settings.name, .invalidName)
        }
        self.settings = settings
        breaker = ProviderBreaker(patienceMilliseconds: patienceMilliseconds, time: time, sleep: sleep)
        guard settings.dialect != .rehearsal else {
            endpoint = nil
            key = nil
            gate = RequestGate(settings: settings, meter: RateMeter(settings: settings, time: time), sleep: sleep)
            return
        }
        let place: Endpoint
        do throws(ProviderSettingsFault) {
            place = try Endpoint(settings.baseURL)
        } catch {
            throw .invalidSettings(provider: settings.name, error)
        }
        let secret = settings.key.read()
        let twin = others.first { $0.isSameAccount(place, secret) }
        endpoint = place
        key = secret
        gate = RequestGate(
            settings: settings, meter: twin?.gate.meter ?? RateMeter(settings: settings, time: time), sleep: sleep)
    }

    /// Whether requests of this line count against the same limits: the same host, and the same key.
    private func isSameAccount(_ other: Endpoint, _ otherKey: SharedSecret?) -> Bool {
        guard let endpoint, let key, let otherKey, endpoint.host == other.host, endpoint.port == other.port else {
            return false
        }
        return key.bytes.constantTimeEquals(otherKey.bytes)
    }

    /// Whether there is anything to ask: the stand-in, a server on this machine, or a key for one elsewhere.
    var isReachable: Bool { settings.dialect == .rehearsal || key != nil || endpoint?.isLoopback == true }

    /// The dialect's rules.
    var dialect: any Dialect {
        switch settings.dialect {
        case .anthropic, .rehearsal: AnthropicDialect()
        case .openai: OpenAIDialect()
        }
    }

    /// How batches are made there; nil where the dialect knows none.
    var batches: (any BatchDialect)? {
        switch settings.dialect {
        case .anthropic: AnthropicBatches()
        case .openai: OpenAIBatches()
        case .rehearsal: nil
        }
    }

    /// The same line for requests whose replies come whole.
    var unstreamed: ProviderLine {
        var line = self
        line.settings.streams = false
        return line
    }

    /// The path of the base URL, without a slash at its end.
    var basePath: String { endpoint?.path ?? "" }

    /// The URL of something below the base.
    func url(of path: String) throws(ProviderError) -> String {
        guard let endpoint else { throw .invalidSettings(provider: settings.name, .invalidBaseURL) }
        return endpoint.url(path)
    }

    /// Where conversations are posted to; the stand-in's address is known only once it runs.
    func url(rehearsalBaseURL: String?) throws(ProviderError) -> String {
        if let rehearsalBaseURL { return rehearsalBaseURL + dialect.path(below: "") }
        guard let endpoint else { throw .invalidSettings(provider: settings.name, .invalidBaseURL) }
        return endpoint.url(dialect.path(below: endpoint.path))
    }

    /// The bytes of a request, the same for the same conversation.
    func body(
        of conversation: Conversation, model: ModelName, capabilities: ModelCapabilities
    ) throws(ProviderError) -> WrittenBody {
        guard conversation.maximumOutputTokens > 0 else { throw .invalidRequest(.noOutput) }
        do throws(RequestFault) {
            return try dialect.body(of: conversation, model: model, capabilities: capabilities, settings: settings)
        } catch {
            throw .invalidRequest(error)
        }
    }

    /// A request with this provider's headers, key and limits.
    func request(url: String, body: RequestBody) -> HTTPRequest {
        var request = HTTPRequest(method: "POST", url: url, payload: body)
        request.releasesBody = true
        request.headers = [
            ("content-type", "application/json"),
            ("accept", settings.streams ? "text/event-stream, application/json" : "application/json"),
        ]
        if settings.dialect != .openai { request.headers.append(("anthropic-version", settings.apiVersion)) }
        if let key {
            request.secretHeaders =
                switch settings.keyHeader {
                case .apiKey: [(name: "x-api-key", prefix: "", secret: key)]
                case .bearer: [(name: "authorization", prefix: "Bearer ", secret: key)]
                }
        }
        request.totalTimeoutMilliseconds = settings.timeoutMilliseconds
        request.idleTimeoutMilliseconds = settings.idleTimeoutMilliseconds
        return request
    }
}
