// The JSON value and its members: order, equality by bytes, changes in place, and writers that read back.
import Encoding
import Testing

@Suite struct JSONValueTests {
    @Test("members keep insertion order through changes, below and above the index") func keepsOrder() {
        for count in [3, 16, 17, 40] {
            var object = JSONObject()
            for index in 0..<count { object["k\(index)"] = .integer(Int64(index)) }
            object["k1"] = "changed"
            #expect(object.keys == (0..<count).map { "k\($0)" })
            #expect(object["k1"] == "changed")
            #expect(object.removeValue(forKey: "k0") == 0)
            #expect(object.removeValue(forKey: "k0") == nil)
            object["k2"] = nil
            object["k0"] = true
            #expect(object.keys == ["k1"] + (3..<count).map { "k\($0)" } + ["k0"])
            for key in object.keys { #expect(object[key] != nil, "\(key) of \(count)") }
            #expect(object["absent"] == nil)
            #expect(object.map(\.key) == object.keys)
            #expect(object.map(\.value) == object.values)
        }
    }

    @Test("objects are equal whatever the order of their members, and hash alike") func equalInAnyOrder() {
        let left: JSON = ["a": 1, "b": [1, 2], "c": ["x": nil]]
        let right: JSON = ["c": ["x": nil], "b": [1, 2], "a": 1]
        #expect(left == right)
        #expect(left.hashValue == right.hashValue)
        #expect(left != ["a": 1, "b": [2, 1], "c": ["x": nil]])
        #expect(left != ["a": 1, "b": [1, 2]])
        #expect(JSON.integer(1) != .number(1))
        #expect(JSON.null != .bool(false))
    }

    @Test("reaches into values and gives nil for what is not there") func reachesInto() {
        var value: JSON = ["list": [1, "two", 3.5, true, nil], "n": 7]
        #expect(value["list"]?[0]?.integer == 1)
        #expect(value["list"]?[1]?.string == "two")
        #expect(value["list"]?[2]?.double == 3.5)
        #expect(value["n"]?.double == 7)
        #expect(value["list"]?[3]?.bool == true)
        #expect(value["list"]?[4]?.isNull == true)
        #expect(value["list"]?[5] == nil)
        #expect(value["list"]?[-1] == nil)
        #expect(value["n"]?["x"] == nil)
        #expect(value["n"]?.string == nil && value["n"]?.array == nil && value["n"]?.object == nil)
        value["n"] = "changed"
        value["list"] = nil
        #expect(value == ["n": "changed"])
        var text: JSON = "text"
        text["a"] = 1
        #expect(text == "text")
    }

    @Test("writes compactly and over lines") func writes() {
        let value: JSON = ["a": [1, [], [:]], "b\n": -0.0, "c": 1.0, "d": 1e300, "e": "\u{1f}\u{7f}/é"]
        #expect(
            String(decoding: value.serialized(), as: UTF8.self)
                == #"{"a":[1,[],{}],"b\n":-0,"c":1.0,"d":1e+300,"e":"\u001f"# + "\u{7f}/é\"}")
        let pretty = "{\n  \"a\": [\n    1,\n    [],\n    {}\n  ],\n  \"b\": {\n    \"c\": null\n  }\n}"
        #expect(
            String(decoding: (["a": [1, [], [:]], "b": ["c": nil]] as JSON).prettyPrinted(), as: UTF8.self) == pretty)
        #expect(JSON.number(.infinity).serialized() == Array("null".utf8))
    }

    @Test("reads back what it writes, for random values", arguments: [1, 2, 3, 4] as [UInt64])
    func readsBack(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let value = randomValue(depth: 4, using: &generator)
            #expect(try JSON.parse(value.serialized()) == value)
            #expect(try JSON.parse(value.prettyPrinted()) == value)
            #expect(try JSON.parse(value.prettyPrinted(), dialect: .json5) == value)
            let canonical = try value.canonical()
            #expect(try JSON.parse(canonical).canonical() == canonical)
        }
    }

    @Test("spoilt texts are refused or read back the same, never misread", arguments: [5, 6] as [UInt64])
    func survivesSpoiling(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var refused = 0
        for _ in 0..<3_000 {
            var text = randomValue(depth: 3, using: &generator).serialized()
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let place = Int.random(in: 0...text.count, using: &generator)
                let byte = UInt8.random(in: 0...255, using: &generator)
                if Bool.random(using: &generator) || place == text.count {
                    text.insert(byte, at: place)
                } else {
                    text[place] = byte
                }
            }
            for dialect in [JSONDialect.strict, .json5] {
                do throws(JSONError) {
                    let value = try JSON.parse(text, dialect: dialect)
                    #expect(try JSON.parse(value.serialized()) == value)
                } catch {
                    refused += 1
                    #expect(error.position.map { $0.offset <= text.count } != false)
                }
            }
        }
        #expect(refused > 1_000)
    }
}

/// A value with the texts and numbers that trip writers: controls, both quotes, all planes, extreme exponents.
private func randomValue(depth: Int, using generator: inout SeededGenerator) -> JSON {
    switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &generator) {
    case 0: return .null
    case 1: return .bool(Bool.random(using: &generator))
    case 2: return .integer(Int64.random(in: -9_007_199_254_740_991...9_007_199_254_740_991, using: &generator))
    case 3:
        let value = Double(bitPattern: UInt64.random(in: .min ... .max, using: &generator))
        return .number(value.isFinite ? value : 0.5)
    case 4, 5: return .string(randomText(using: &generator))
    case 6:
        return .array(
            (0..<Int.random(in: 0..<5, using: &generator)).map { _ in
                randomValue(depth: depth - 1, using: &generator)
            })
    default:
        var object = JSONObject()
        for _ in 0..<Int.random(in: 0..<24, using: &generator) {
            object[randomText(using: &generator)] = randomValue(depth: depth - 2, using: &generator)
        }
        return .object(object)
    }
}

private func randomText(using generator: inout SeededGenerator) -> String {
    var text = String.UnicodeScalarView()
    for _ in 0..<Int.random(in: 0..<20, using: &generator) {
        let bounds: [UInt32] = [0x20, 0x80, 0x300, 0x1_0000, 0x11_0000]
        let bound = bounds[Int.random(in: 0..<bounds.count, using: &generator)]
        if let scalar = Unicode.Scalar(UInt32.random(in: 0..<bound, using: &generator)) { text.append(scalar) }
    }
    return String(text)
}
