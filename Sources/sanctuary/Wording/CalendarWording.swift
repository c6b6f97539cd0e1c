// Words for what the calendar cannot tell, and for what is wrong with a cron expression.
import Scheduler

func wording(of error: CalendarError) -> CommandError {
    switch error {
    case .unknownZone(let name):
        .usage("there is no time zone '\(shown(name))'", hint: "write one as \"Europe/Paris\"")
    case .missingZoneData(let folder):
        CommandError(
            "no time zone data in \(shown(folder, limit: 300)): what day it is cannot be told",
            hint: "install tzdata, or name its folder with TZDIR")
    case .damagedZone(let name):
        CommandError("the time zone data of '\(shown(name))' cannot be read", hint: "install tzdata again")
    case .malformedTime(let text): .usage("'\(shown(text))' is no time of day", hint: "write it as \"06:00\"")
    case .cron(let fault): wording(of: fault)
    }
}

private func wording(of fault: CronFault) -> CommandError {
    switch fault {
    case .tooLong: .usage("the cron expression is longer than 256 bytes", hint: cronHint)
    case .fieldCount(let count): .usage("a cron expression has 5, 6 or 7 fields, not \(count)", hint: cronHint)
    case .nickname(let name):
        .usage("no schedule is named '\(shown(name))'", hint: "@yearly, @monthly, @weekly, @daily or @hourly")
    case .malformed(let field, let value):
        .usage("the \(field.rawValue) '\(shown(value))' of the cron expression cannot be read", hint: cronHint)
    case .outOfRange(let field, let value):
        .usage(
            "the \(field.rawValue) '\(shown(value))' of the cron expression is none",
            hint: "from \(field.range.lowerBound) to \(field.range.upperBound)")
    case .reversed(let field, let value):
        .usage(
            "the \(field.rawValue) '\(shown(value))' of the cron expression ends before it begins",
            hint: "write two ranges with a comma between them")
    case .step(let field, let value):
        .usage(
            "the \(field.rawValue) '\(shown(value))' of the cron expression has a step that leads nowhere",
            hint: "a step is at least 1 and less than the field is wide")
    case .unsupported(let field, let value):
        .usage(
            "the \(field.rawValue) '\(shown(value))' of the cron expression is another program's extension",
            hint: "L, W, # and H are not known here; \(cronHint)")
    case .never(let text):
        .usage("'\(shown(text, limit: 256))' does not come in the next eight years", hint: "look at its days and years")
    }
}

private let cronHint =
    "write minute, hour, day, month and weekday, such as \"0 6 * * *\"; docs/scheduling.md has the rules"
