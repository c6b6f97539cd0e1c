// The members of a JSON object: insertion order kept, keys told apart by their bytes, indexed once there are many.

/// The members of a JSON object in insertion order; two keys are the same only if their UTF-8 bytes are.
public struct JSONObject: Sendable {
    /// One member.
    public typealias Element = (key: String, value: JSON)

    /// Up to this many members are searched in line, which is faster than hashing them.
    static let linearSearchLimit = 16

    var members: [Member] = []
    /// Where each key is; present exactly when there are more members than the limit.
    private var places: [ByteKey: Int] = [:]

    struct Member: Sendable {
        let key: String
        var value: JSON
    }

    /// Makes an object without members.
    public init() {}

    /// Makes an object of pairs in order; of a key given twice the last value counts, at the first one's place.
    public init(_ pairs: some Sequence<(String, JSON)>) {
        for (key, value) in pairs { self[key] = value }
    }

    /// How many members there are.
    public var count: Int { members.count }

    /// Whether there are none.
    public var isEmpty: Bool { members.isEmpty }

    /// The keys in insertion order.
    public var keys: [String] { members.map(\.key) }

    /// The values in insertion order.
    public var values: [JSON] { members.map(\.value) }

    /// The value of a key; setting keeps a present key's place, adds a new one last, and nil removes.
    public subscript(key: String) -> JSON? {
        get { place(of: key).map { members[$0].value } }
        set {
            guard let newValue else {
                removeValue(forKey: key)
                return
            }
            if let place = place(of: key) {
                members[place].value = newValue
            } else {
                appendNew(key, newValue)
            }
        }
    }

    /// Takes a member out and returns its value, in linear time; the others keep their order.
    @discardableResult
    public mutating func removeValue(forKey key: String) -> JSON? {
        guard let place = place(of: key) else { return nil }
        let removed = members.remove(at: place)
        if !places.isEmpty { reindex() }
        return removed.value
    }

    /// Makes room for so many members.
    mutating func reserve(_ count: Int) { members.reserveCapacity(count) }

    /// Adds a member last unless the key is there already; says whether it did.
    mutating func appendIfNew(_ key: String, _ value: JSON) -> Bool {
        guard place(of: key) == nil else { return false }
        appendNew(key, value)
        return true
    }

    private mutating func appendNew(_ key: String, _ value: JSON) {
        members.append(Member(key: key, value: value))
        if members.count == Self.linearSearchLimit + 1 {
            reindex()
        } else if members.count > Self.linearSearchLimit {
            places[ByteKey(text: key)] = members.count - 1
        }
    }

    @inline(__always)
    private func place(of key: String) -> Int? {
        if members.count > Self.linearSearchLimit { return places[ByteKey(text: key)] }
        for index in members.indices where sameBytes(members[index].key, key) { return index }
        return nil
    }

    private mutating func reindex() {
        places.removeAll(keepingCapacity: true)
        guard members.count > Self.linearSearchLimit else { return }
        places.reserveCapacity(members.count)
        for index in members.indices { places[ByteKey(text: members[index].key)] = index }
    }
}

extension JSONObject: Sequence {
    /// Goes through the members in insertion order.
    public struct Iterator: IteratorProtocol {
        var rest: IndexingIterator<[Member]>

        /// The next member, or nil after the last.
        public mutating func next() -> Element? { rest.next().map { (key: $0.key, value: $0.value) } }
    }

    /// Makes an iterator over the members in insertion order.
    public func makeIterator() -> Iterator { Iterator(rest: members.makeIterator()) }

    /// How many members there are, for callers that reserve space.
    public var underestimatedCount: Int { members.count }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// Makes an object; of a key given twice the last value counts.
    public init(dictionaryLiteral elements: (String, JSON)...) {
        self.init(elements)
    }
}

extension JSONObject: Hashable {
    /// Equality of the members in any order, as JSON means it.
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        guard left.count == right.count else { return false }
        return left.members.allSatisfy { right[$0.key] == $0.value }
    }

    /// Feeds the members into a hasher so that their order does not count.
    public func hash(into hasher: inout Hasher) {
        var mixed = 0
        for member in members {
            var inner = Hasher()
            hashBytes(of: member.key, into: &inner)
            inner.combine(member.value)
            mixed ^= inner.finalize()
        }
        hasher.combine(members.count)
        hasher.combine(mixed)
    }
}
