// What libFuzzer calls: the parser that SANCTUARY_FUZZ names takes the input; a broken property stops the process.
internal import FuzzTargets
internal import Glibc

private let target: FuzzTarget = {
    let name = getenv("SANCTUARY_FUZZ").map { String(cString: $0) } ?? ""
    guard let target = FuzzTarget(rawValue: name) else {
        preconditionFailure("SANCTUARY_FUZZ names none of \(FuzzTarget.allCases.map(\.rawValue))")
    }
    return target
}()

/// One input of the fuzzer's choosing.
@_cdecl("LLVMFuzzerTestOneInput")
public func takeInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    do throws(PropertyBroken) {
        try target.take(Array(UnsafeBufferPointer(start: start, count: count)))
    } catch {
        preconditionFailure("\(target.rawValue): \(error.description)")
    }
    return 0
}
