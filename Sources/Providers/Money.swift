// Money in whole pico-dollars: prices are decimals, so no floating point touches them.
public import Encoding

/// What tokens of a model cost, in pico-USD (10⁻¹² USD) a token; one USD per million tokens is 1,000,000.
public struct Price: Sendable, Equatable {
    /// Uncached input.
    public var input: Int64
    /// Output.
    public var output: Int64
    /// Input read from the cache.
    public var cacheRead: Int64
    /// Input written to the cache.
    public var cacheWrite: Int64

    /// Sets the prices; without its own price a read costs as much as input, a write a quarter more.
    public init(input: Int64, output: Int64, cacheRead: Int64? = nil, cacheWrite: Int64? = nil) {
        self.input = input
        self.output = output
        self.cacheRead = cacheRead ?? input
        // Providers that write at another price say so in their row; a quarter more is what those listed ask.
        self.cacheWrite = cacheWrite ?? input.saturatingSum(input / 4 + (input % 4 > 0 ? 1 : 0))
    }

    /// Nothing: rehearsal, and what a settings file prices at 0.
    public static let free = Price(input: 0, output: 0)

    /// What a usage costs, in pico-USD; a sum past the range of 64 bits stays at its largest value.
    public func cost(of usage: TokenUsage) -> Int64 {
        var sum: Int64 = 0
        for (count, price) in [
            (usage.input, input), (usage.cacheRead, cacheRead), (usage.cacheWrite, cacheWrite), (usage.output, output),
        ] {
            let (part, tooLarge) = Int64(count).multipliedReportingOverflow(by: price)
            let (next, overflow) = sum.addingReportingOverflow(part)
            if tooLarge || overflow { return .max }
            sum = next
        }
        return sum
    }

    /// So many per cent of each price, rounded up to whole pico-USD.
    func scaled(percent: Int) -> Price {
        func part(_ price: Int64) -> Int64 {
            let (whole, overflow) = price.multipliedReportingOverflow(by: Int64(percent))
            return overflow ? price : whole / 100 + (whole % 100 > 0 ? 1 : 0)
        }
        return Price(
            input: part(input), output: part(output), cacheRead: part(cacheRead), cacheWrite: part(cacheWrite))
    }

    /// The most that a request can cost: all input at its dearest, all the output it may have; in pico-USD.
    public func worstCase(inputTokens: Int, outputTokens: Int) -> Int64 {
        let dearest = max(input, cacheRead, cacheWrite)
        return Price(input: dearest, output: output, cacheRead: dearest, cacheWrite: dearest)
            .cost(of: TokenUsage(input: inputTokens, output: outputTokens))
    }
}

/// Amounts of money, written as decimals and counted in pico-USD.
public enum Money {
    /// Pico-USD in one USD.
    public static let picoPerUSD: Int64 = 1_000_000_000_000

    /// Reads a decimal amount of USD, such as `"0.25"`, as pico-USD; nil where it is none, negative, too fine or large.
    public static func picoUSD(decimal text: String) -> Int64? { scaled(text, by: 12) }

    /// Reads a price in USD per million tokens as pico-USD a token; nil where it is none, negative or too fine.
    public static func picoUSDPerToken(perMillion text: String) -> Int64? { scaled(text, by: 6) }

    /// Reads a price as settings may write it: a decimal string or a number.
    public static func picoUSDPerToken(perMillion value: JSON) -> Int64? {
        switch value {
        case .string(let text): picoUSDPerToken(perMillion: text)
        case .integer(let whole): picoUSDPerToken(perMillion: "\(whole)")
        // The shortest digits that make this double are the ones that somebody wrote in the file.
        case .number(let number): picoUSDPerToken(perMillion: "\(number)")
        default: nil
        }
    }

    /// Rounds pico-USD up to micro-USD, once, for reports.
    public static func microUSD(roundingUp picoUSD: Int64) -> Int64 {
        let (whole, rest) = picoUSD.quotientAndRemainder(dividingBy: 1_000_000)
        return rest > 0 ? whole + 1 : whole
    }

    /// A decimal times ten to `places`, exact or nil; digits, one point, and the exponent that printed doubles have.
    private static func scaled(_ text: String, by places: Int) -> Int64? {
        let parts = text.split(separator: "e", maxSplits: 1, omittingEmptySubsequences: false)
        guard let mantissa = parts.first, text.utf8.count <= 40 else { return nil }
        var exponent = places
        if parts.count == 2 {
            guard let written = Int(parts[1]), (-40...40).contains(written) else { return nil }
            exponent += written
        }
        let halves = mantissa.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = halves.first, !whole.isEmpty else { return nil }
        var digits = whole.utf8.map { Int64($0) - 48 }
        if halves.count == 2 {
            guard !halves[1].isEmpty else { return nil }
            digits += halves[1].utf8.map { Int64($0) - 48 }
            exponent -= halves[1].utf8.count
        }
        guard digits.allSatisfy({ (0...9).contains($0) }) else { return nil }
        while exponent < 0, digits.last == 0 {
            digits.removeLast()
            exponent += 1
        }
        guard exponent >= 0 || digits.isEmpty else { return nil }
        digits += [Int64](repeating: 0, count: max(0, exponent))
        var value: Int64 = 0
        for digit in digits {
            let (shifted, tooLarge) = value.multipliedReportingOverflow(by: 10)
            let (next, overflow) = shifted.addingReportingOverflow(digit)
            if tooLarge || overflow { return nil }
            value = next
        }
        return value
    }
}

extension FixedWidthInteger {
    /// The sum, which stops at the largest or smallest value: no number of a provider's or a file's may trap.
    public func saturatingSum(_ other: Self) -> Self {
        let (sum, overflow) = addingReportingOverflow(other)
        guard overflow else { return sum }
        return other < 0 ? .min : .max
    }
}

extension Sequence where Element: FixedWidthInteger {
    /// The sum of all, which stops at the largest or smallest value.
    public var saturatingSum: Element { reduce(0) { $0.saturatingSum($1) } }
}
