// The folder of time zone data, and the rules of one zone out of it.
internal import Files

/// A folder of compiled time zone data (RFC 9636), as every system keeps one.
public struct ZoneDirectory: Sendable, Equatable {
    /// Where it is.
    public let path: String

    /// Names a folder.
    public init(path: String) { self.path = path }

    /// Where Linux distributions install the data.
    public static let system = ZoneDirectory(path: "/usr/share/zoneinfo")

    /// More than the largest zone's data by far, in bytes.
    private static let maximumBytes = 1 << 18

    /// The rules of a zone; UTC needs no data.
    func rules(of zone: String) throws(CalendarError) -> ZoneRules {
        if zone == "UTC" || zone == "Etc/UTC" { return ZoneRules(initialOffset: 0, changes: [], repeats: false) }
        guard Self.isName(zone) else { throw .unknownZone(zone) }
        let file = "\(path)/\(zone)"
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try Files.read(file, maximumBytes: Self.maximumBytes)
        } catch {
            // UTC's own file tells an empty or absent folder from a name that no zone has.
            guard Files.exists("\(path)/UTC") || Files.exists("\(path)/Etc/UTC") else {
                throw .missingZoneData(folder: path)
            }
            if error.isMissing || Files.isDirectory(file) { throw .unknownZone(zone) }
            throw .damagedZone(zone)
        }
        guard let rules = ZoneFile(bytes).flatMap({ ZoneRules($0) }) else { throw .damagedZone(zone) }
        return rules
    }

    /// Whether the text has the form of a zone's name, which never leads out of the folder.
    private static func isName(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return text.utf8.count <= 64
            && parts.allSatisfy { part in
                !part.isEmpty
                    && part.allSatisfy { byte in
                        switch byte {
                        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
                            UInt8(ascii: "+"):
                            true
                        default: false
                        }
                    }
            }
    }
}
