// What the kernel of this machine offers a sandbox.
internal import Glibc

/// How much of the sandbox a machine can make.
public enum SandboxTier: Sendable, Hashable, CustomStringConvertible {
    /// Namespaces, filter and a control group.
    case a
    /// Namespaces and filter; memory is bounded a process, and memory files are denied.
    case b
    /// Not enough: foreign programs are refused.
    case none(SandboxLack)

    /// `A`, `B` or `none`.
    public var description: String {
        switch self {
        case .a: "A"
        case .b: "B"
        case .none: "none"
        }
    }

    static func found(paths: SandboxPaths, hasGroups: Bool) -> SandboxTier {
        guard access(paths.bubblewrap, X_OK) == 0 else { return .none(.bubblewrap) }
        guard access(paths.prlimit, X_OK) == 0 else { return .none(.prlimit) }
        return hasGroups ? .a : .b
    }
}
