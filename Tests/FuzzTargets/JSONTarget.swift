// Properties of the JSON reader and its writers.
import Encoding

func takeJSON(_ bytes: [UInt8]) throws(PropertyBroken) -> Bool {
    let strict = try? JSON.parse(bytes)
    let relaxed = try? JSON.parse(bytes, dialect: .json5)
    if let strict {
        try need(relaxed == strict, "what is strict JSON is the same JSON5")
        try checkWriters(strict)
    } else if let relaxed {
        try checkWriters(relaxed)
    }
    guard let ledger = try? JSON.parse(bytes, limits: .ledger) else { return relaxed != nil }
    try need(ledger == strict, "the ledger's limits change no value")
    guard let canonical = try? ledger.canonicalForLedger() else {
        throw PropertyBroken(description: "what the ledger's limits admit has a canonical form")
    }
    try need((try? ledger.canonical()) == canonical, "both canonical writers agree")
    try need((try? JSON.parse(canonical, limits: .ledger)) == ledger, "the canonical form says the same")
    return true
}

private func checkWriters(_ value: JSON) throws(PropertyBroken) {
    try need((try? JSON.parse(value.serialized())) == value, "what is written compactly is read back")
    try need((try? JSON.parse(value.prettyPrinted())) == value, "what is written over lines is read back")
    guard let canonical = try? value.canonical() else { return }
    guard let read = try? JSON.parse(canonical) else {
        throw PropertyBroken(description: "the canonical form is JSON")
    }
    try need((try? read.canonical()) == canonical, "the canonical form is its own canonical form")
}
