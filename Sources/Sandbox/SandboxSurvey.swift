// Proof that the sandbox holds on this machine: ten probes, run in it.

/// One thing that was tried in the sandbox.
public struct SandboxProbe: Sendable, Hashable {
    /// What must hold.
    public let name: String
    /// Whether it does.
    public let holds: Bool
    /// What was found where it does not; cleaned, one line.
    public let found: String
}

/// What the probes found.
public struct SandboxSurvey: Sendable, Hashable {
    /// What the machine offers; none where not even a first program ran.
    public let tier: SandboxTier
    /// The probes; none where nothing could be run.
    public let probes: [SandboxProbe]
    /// What broke where nothing could be run and nothing is known to lack.
    public let failure: SandboxError?

    /// Whether every probe holds.
    public var holds: Bool { failure == nil && probes.allSatisfy(\.holds) }
}

extension Sandbox {
    /// Runs the probes; `hidden` are paths of the host that must not be seen, such as the home's.
    public func survey(hidden: [String] = []) async -> SandboxSurvey {
        let program = SandboxProgram(
            command: ["/usr/bin/sh", "/tool/probe.sh"] + hidden,
            files: [SandboxFile(name: "probe.sh", bytes: Array(Self.script.utf8), isExecutable: false)],
            needsProc: true, limits: SandboxLimits(wallSeconds: 20, idleSeconds: 10))
        let endless = SandboxProgram(command: ["/usr/bin/yes"], limits: SandboxLimits(wallSeconds: 20))
        do throws(SandboxError) {
            let first = try await run(program, speaking: Letter())
            let second = try await run(endless, speaking: Letter())
            var probes = Self.read(first.output.text, limits: program.limits)
            probes.append(
                SandboxProbe(
                    name: "a program that does not end is ended", holds: second.end == .stopped(.output),
                    found: "\(second.end)"))
            return SandboxSurvey(tier: tier, probes: probes, failure: nil)
        } catch {
            if case .unavailable(let lack) = error {
                return SandboxSurvey(tier: .none(lack), probes: [], failure: nil)
            }
            return SandboxSurvey(tier: tier, probes: [], failure: error)
        }
    }

    /// Prints sections, each behind a line of its own; what a shell and `/proc` can tell from inside.
    private static let script = """
        echo '#status'; cat /proc/self/status
        echo '#environment'; tr '\\000' '\\n' < /proc/1/environ
        echo '#descriptors'; for n in 3 4 5 6 7 8 9; do if (: >&$n) 2>/dev/null; then echo $n; fi; done
        echo '#host'; for f in /home /root /etc /sys /var /run /boot "$@"; do [ -e "$f" ] && echo "$f"; done
        echo '#writable'; for f in /usr/x /x /dev/x /tool/x; do (: > "$f") 2>/dev/null && echo "$f"; done
        echo '#network'; cat /proc/net/dev
        echo '#nested'; unshare --user true 2>/dev/null && echo made
        echo '#limits'; cat /proc/self/limits
        echo '#end'

        """

    private static func read(_ text: String, limits: SandboxLimits) -> [SandboxProbe] {
        var sections: [Substring: [Substring]] = [:]
        var current: Substring = ""
        for line in text.split(separator: "\n") {
            if line.hasPrefix("#") { current = line.dropFirst() } else { sections[current, default: []].append(line) }
        }
        let isWhole = current == "end"
        func probe(_ name: String, _ section: Substring, _ holds: ([Substring]) -> Bool) -> SandboxProbe {
            let lines = sections[section] ?? []
            return SandboxProbe(
                name: name, holds: isWhole && holds(lines),
                found: isWhole ? String(lines.joined(separator: " ").prefix(200)) : "the probe did not end")
        }
        func says(_ lines: [Substring], _ key: String, _ value: String) -> Bool {
            lines.contains { line in
                let words = line.split { $0 == " " || $0 == "\t" }
                return line.hasPrefix(key) && words.contains(Substring(value))
            }
        }
        let environment: Set<Substring> = ["PATH=/usr/bin", "HOME=/work", "LANG=C.UTF-8", "PWD=/work"]
        return [
            probe("system calls are filtered", "status") { says($0, "Seccomp:", "2") },
            probe("no privileges, and none to gain", "status") { lines in
                says(lines, "NoNewPrivs:", "1") && says(lines, "CapEff:", "0000000000000000")
                    && says(lines, "CapBnd:", "0000000000000000")
            },
            probe("the environment is empty", "environment") { Set($0).isSubset(of: environment) && !$0.isEmpty },
            probe("no descriptor is left open", "descriptors") { $0.isEmpty },
            probe("the host's files are not there", "host") { $0.isEmpty },
            probe("nothing but scratch is writable", "writable") { $0.isEmpty },
            probe("there is no network", "network") { lines in
                lines.contains { $0.contains(":") } && lines.allSatisfy { !$0.contains(":") || $0.contains("lo:") }
            },
            probe("no further namespaces are made", "nested") { $0.isEmpty },
            probe("the limits are set", "limits") { lines in
                says(lines, "Max processes", "\(limits.processes)")
                    && says(lines, "Max open files", "\(limits.openFiles)")
                    && says(lines, "Max address space", "\(limits.memoryMiB << 20)")
            },
        ]
    }
}
