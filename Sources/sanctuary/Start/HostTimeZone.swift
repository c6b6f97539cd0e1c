// The host's time zone by its IANA name, for the settings that init writes.
import Files
import Glibc
import Scheduler

/// The zone that the machine is set to.
enum HostTimeZone {
    /// What interface.md names where the host says nothing.
    static let fallback = "Europe/Paris"

    /// `$TZ`, else the link `/etc/localtime`, else `/etc/timezone`; the fallback where none names a zone.
    static func name(environment: ProcessEnvironment) -> String {
        let candidates = [environment.nonEmpty("TZ"), linked("/etc/localtime"), written("/etc/timezone")]
        return candidates.compactMap { $0 }.first(where: isKnown) ?? fallback
    }

    private static func isKnown(_ name: String) -> Bool { (try? CivilCalendar(zone: name)) != nil }

    private static func linked(_ path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(path, &buffer, buffer.count - 1)
        let target = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard let folder = target.range(of: "/zoneinfo/") else { return nil }
        return String(target[folder.upperBound...])
    }

    private static func written(_ path: String) -> String? {
        guard let bytes = try? Files.read(path, maximumBytes: 256) else { return nil }
        return String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self)
    }
}

extension String {
    /// The range of the first occurrence, without Foundation.
    fileprivate func range(of text: String) -> Range<String.Index>? { firstRange(of: text) }
}
