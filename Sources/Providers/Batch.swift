// What batches of requests are, in no provider's form (providers.md 1.3, 1.4).
public import Encoding

/// One request of a batch.
public struct BatchRequest: Sendable, Equatable {
    /// Its name within the batch: 1 to 64 letters, digits, dashes and underscores.
    public let name: String
    /// The body that a direct request would have, unstreamed.
    public let body: [UInt8]

    /// Names a request.
    public init(name: String, body: [UInt8]) {
        self.name = name
        self.body = body
    }
}

/// Where a batch stands at its provider.
public struct BatchStatus: Sendable, Equatable {
    /// What has become of it.
    public enum Stage: Sendable, Equatable {
        /// Its requests are still worked on.
        case going
        /// Everything that will come has come.
        case ended
    }

    /// The provider's name for it.
    public let handle: String
    /// What has become of it.
    public let stage: Stage
    /// When the provider made it; nil where it does not say.
    public let madeAt: Instant?
    /// How many requests it has; nil where the provider does not say.
    public let requests: Int?
    /// The mark that its maker gave it; nil at providers that keep none.
    public let mark: String?
    /// The provider's files: the requests, then the results; none at providers without files.
    public let input: String?
    let results: [String]
    /// Whether the provider refused all of it at once, and worked on nothing.
    public let isRefused: Bool

    /// Stands for a batch that was never made.
    public static let never = BatchStatus(
        handle: "", stage: .ended, madeAt: nil, requests: nil, mark: nil, input: nil, results: [], isRefused: true)
}

/// What became of one request of a batch.
public enum BatchResult: Sendable, Equatable {
    /// A whole reply.
    case reply(Reply)
    /// None: refused, expired, cancelled or not readable.
    case failed(ProviderError)
}

/// What a provider allows of batches, and how we stay below it.
public enum BatchLimits {
    /// The most bytes of requests in one batch; providers allow 200 MB and 256 MB.
    public static let maximumBytes = 64 * 1_024 * 1_024
    /// The most requests in one batch; providers allow 50,000 and 100,000.
    public static let maximumRequests = 10_000
    /// The longest line of results that is read.
    static let maximumLineBytes = 16 * 1_024 * 1_024
    /// The most bytes of results that are read.
    static let maximumResultBytes = 1_024 * 1_024 * 1_024
    /// The most pages of a provider's list of batches that are looked through.
    static let maximumPages = 20
    /// How many batches one page has.
    static let pageSize = 100
}

/// A provider's form of batches; values of it hold no state.
protocol BatchDialect: Sendable {
    /// The path of all batches, below the base URL.
    func batches(below basePath: String) -> String
    /// Where the batch named by a handle is.
    func one(_ handle: String, below basePath: String) -> String
    /// The body that makes a batch of requests, or of an uploaded file of them.
    func creation(of requests: [BatchRequest], file: String?, mark: String) -> [UInt8]
    /// The bytes of the file that must be uploaded first; nil where the requests are in the creation itself.
    func file(of requests: [BatchRequest]) -> [UInt8]?
    /// Where uploaded files are listed; nil at providers without files.
    var fileList: String? { get }
    /// Reads a batch.
    func status(from json: JSON) throws(WireFault) -> BatchStatus
    /// The query that lists the page after a batch.
    func page(after handle: String?) -> String
    /// Where the results of an ended batch are, in order.
    func resultPaths(of status: BatchStatus, below basePath: String) -> [String]
    /// What must be deleted so that nothing of a batch stays with the provider.
    func remains(of status: BatchStatus, below basePath: String) -> [String]
    /// Reads a line of results; nil where it names no request.
    func result(from line: JSON) -> (name: String, result: BatchResult)?
}

extension BatchStatus {
    /// A provider's id as it may stand in a path: letters, digits, dashes and underscores.
    static func identifier(_ json: JSON?) -> String? {
        guard let text = json?.string, (1...128).contains(text.utf8.count) else { return nil }
        let isPlain = text.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
        }
        return isPlain ? text : nil
    }
}

extension BatchResult {
    /// What a dialect made of a request's reply.
    static func reading(_ requestID: String?, _ body: () throws(WireFault) -> WireReply) -> BatchResult {
        do throws(WireFault) { return .reply(Reply(try body(), inputEstimate: nil, requestID: requestID)) } catch {
            switch error {
            case .malformed(let reason): return .failed(.malformed(reason, requestID: requestID))
            case .providerError(let words):
                return .failed(
                    .refused(Refusal(status: words.status, kind: words.kind, code: words.code, requestID: requestID)))
            }
        }
    }

    /// A request that the provider did not come to; it was not billed.
    static func dropped(_ kind: String) -> BatchResult {
        .failed(.refused(Refusal(status: 408, kind: kind)))
    }
}
