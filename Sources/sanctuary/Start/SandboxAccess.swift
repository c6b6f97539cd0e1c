// The sandbox for commands that run plugin tools.
import Encoding
import Engine
import Sandbox

extension Invocation {
    /// Makes the sandbox; an error where the machine cannot even try.
    func sandbox() throws -> Sandbox { try Sandbox(time: surroundings.time) }
}
