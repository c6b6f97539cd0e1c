// Words for the sandbox's own failures.
import Glibc
import Sandbox

func wording(of error: SandboxError) -> CommandError {
    switch error {
    case .unavailable(let lack): wording(of: lack)
    case .invalidProgram(let fault): CommandError("the sandbox does not run that: \(words(for: fault))")
    case .noResources(let what): CommandError("the system gave no \(what)", hint: "look at 'ulimit -a'")
    case .spawnFailed(let step, let code):
        CommandError("bubblewrap could not be started (step \(step)): \(reason(code))", hint: doctorHint)
    case .setupFailed(let diagnostic):
        CommandError("bubblewrap could not make the sandbox: \(shown(diagnostic, limit: 300))", hint: doctorHint)
    case .lost(let signal):
        CommandError("bubblewrap was killed by signal \(signal)", hint: "look whether the system ran out of memory")
    case .filterFailed(let call):
        CommandError("the filter of system calls could not be made at '\(shown(call))'", hint: "update libseccomp")
    case .groupFailed(let code):
        CommandError("no control group could be made: \(reason(code))", hint: "look at the service's delegation")
    case .folderUnusable(let path, let code):
        CommandError("'\(shown(path, limit: 300))' cannot be given to a tool: \(reason(code))")
    case .fileRefused(let name, let fault):
        CommandError("'\(shown(name))' is not read: \(words(for: fault))")
    }
}

private let doctorHint = "'sanctuary doctor' tries the sandbox"

private func reason(_ code: Int32) -> String { String(cString: strerror(code)) }

private func wording(of lack: SandboxLack) -> CommandError {
    switch lack {
    case .bubblewrap:
        CommandError("bubblewrap is not installed", hint: "apt-get install bubblewrap")
    case .prlimit: CommandError("prlimit is not installed", hint: "apt-get install util-linux")
    case .userNamespaces:
        CommandError(
            "the kernel lets this user make no user namespaces",
            hint: "on Ubuntu 24.04 and later allow bwrap in AppArmor, or set"
                + " kernel.apparmor_restrict_unprivileged_userns=0; in a container allow nested namespaces")
    }
}

private func words(for fault: InvalidProgram) -> String {
    switch fault {
    case .command: "its command must begin with an absolute path"
    case .text: "an argument is too long or holds a NUL"
    case .fileName(let name): "'\(shown(name))' is no name for a file of it"
    case .tooLarge: "it has too many files, or too large ones"
    case .limit(let name): "its limit '\(shown(name))' is out of range"
    case .folder(let path): "the folder '\(shown(path, limit: 300))' cannot be given to it"
    }
}

private func words(for fault: FileFault) -> String {
    switch fault {
    case .missing: "there is no such file"
    case .outside: "the way to it leads through a link or out of the folder"
    case .notRegular: "it is no regular file of one name"
    case .tooLarge: "it is too large"
    case .unreadable: "the system does not open it"
    }
}
