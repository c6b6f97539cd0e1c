// A time zone for tests that need the true clock, and one day that does not end under them.
import Glibc

/// The zone, a whole number of hours from UTC, in which it is about noon.
enum NoonZone {
    /// Its name; the sign of these zones is that of the way to the west.
    static let name: String = {
        let west = time(nil) / 3_600 % 24 - 12
        return "Etc/GMT\(west < 0 ? "" : "+")\(west)"
    }()
}
