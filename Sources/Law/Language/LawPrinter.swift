// Writes a law in its one canonical form; reading that form gives the same law.

extension LawText {
    /// The canonical text, which ends with a line feed.
    public var canonicalText: String {
        var lines = ["law \(id):"]
        if let scope { lines.append("  scope: \(scope.joined(separator: "."))") }
        switch clock {
        case .realtime: lines.append("  clock: realtime")
        case .midnight(let zone): lines.append("  clock: midnight \(zone)")
        case nil: break
        }
        for branch in branches {
            lines.append("  if \(branch.triage.rawValue): \(branch.condition.printed)")
            lines.append("    then: \(branch.actions.map(\.printed).joined(separator: ", "))")
        }
        for setting in LawSetting.allCases {
            guard let text = settings[setting] else { continue }
            lines.append("  \(setting.rawValue): \(LawValue.quoted(text))")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension LawExpression {
    /// The condition as a law writes it.
    public var printed: String {
        switch self {
        case .or(let parts): parts.map { $0.printed(inside: 1) }.joined(separator: " OR ")
        case .and(let parts): parts.map { $0.printed(inside: 2) }.joined(separator: " AND ")
        case .not(let inner): "NOT " + inner.printed(inside: 3)
        case .compare(let left, let sign, let right): "\(left.printed) \(sign.rawValue) \(right.printed)"
        case .value(let value): value.printed
        }
    }

    private func printed(inside strength: Int) -> String {
        let own =
            switch self {
            case .or: 1
            case .and: 2
            case .not: 3
            case .compare, .value: 4
            }
        return own <= strength ? "(\(printed))" : printed
    }
}

extension LawValue {
    /// The value as a law writes it.
    public var printed: String {
        switch self {
        case .name(let words): words.joined(separator: ".")
        case .number(let millionths): Self.decimal(millionths)
        case .duration(let milliseconds):
            if milliseconds % 3_600_000 == 0 {
                "\(milliseconds / 3_600_000)h"
            } else if milliseconds % 60_000 == 0 {
                "\(milliseconds / 60_000)m"
            } else {
                "\(milliseconds / 1_000)s"
            }
        case .text(let text): Self.quoted(text)
        case .truth(let value): value ? "true" : "false"
        case .list(let values): "[" + values.map(\.printed).joined(separator: ", ") + "]"
        case .sum(let left, let isNegative, let right): "\(left.printed) \(isNegative ? "-" : "+") \(right.printed)"
        }
    }

    static func decimal(_ millionths: Int64) -> String {
        let (whole, rest) = millionths.magnitude.quotientAndRemainder(dividingBy: 1_000_000)
        var fraction = String(rest)
        fraction = String(repeating: "0", count: 6 - fraction.count) + fraction
        while fraction.hasSuffix("0") { fraction.removeLast() }
        return (millionths < 0 ? "-" : "") + "\(whole)" + (fraction.isEmpty ? "" : ".\(fraction)")
    }

    /// In double quotes, or in single ones where it has double ones inside.
    static func quoted(_ text: String) -> String { text.contains("\"") ? "'\(text)'" : "\"\(text)\"" }
}

extension LawAction {
    /// The action as a law writes it.
    public var printed: String {
        switch self {
        case .accept, .permit, .deny, .appendLedger: word
        case .hold(let hours): "hold(hours=\(hours))"
        case .terminate(let reason): "terminate(reason=\(Self.plain(reason)))"
        case .notify(let role): "notify(role=\(Self.plain(role)))"
        case .emit(let type): "emit(entity_type=\(Self.plain(type)))"
        case .tag(let key, let value): "tag(key=\(Self.plain(key)), val=\(Self.plain(value)))"
        case .modify(let changes):
            "modify(" + changes.map { "\($0.key)=\($0.value.printed)" }.joined(separator: ", ") + ")"
        }
    }

    /// A single word stands bare, everything else in quotes.
    private static func plain(_ text: String) -> String { LawScanner.isName(text) ? text : LawValue.quoted(text) }
}
