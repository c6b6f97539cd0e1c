// What this process holds of the machine's memory beyond what it uses.
internal import CPosix

/// The memory of this process.
public enum ProcessMemory {
    /// Gives memory that was freed back to the system, which the allocator would keep for later; takes milliseconds.
    public static func giveBack() { malloc_trim(0) }
}
