// The compression function of BLAKE3 (section 2.2 of its paper), in scalar Swift.
//
// On the baseline of x86-64 the compiler breaks vectors up again at each rotation, which is slower than this.

/// Eight 32-bit words: a chaining value or a key.
struct Words8 {
    var w0, w1, w2, w3, w4, w5, w6, w7: UInt32

    /// The initial chaining value of unkeyed hashing, that of SHA-256.
    static var initial: Words8 {
        Words8(
            w0: 0x6A09_E667, w1: 0xBB67_AE85, w2: 0x3C6E_F372, w3: 0xA54F_F53A, w4: 0x510E_527F, w5: 0x9B05_688C,
            w6: 0x1F83_D9AB, w7: 0x5BE0_CD19)
    }
}

/// Sixteen 32-bit words: a block of message, or the state.
struct Words16 {
    var w0, w1, w2, w3, w4, w5, w6, w7, w8, w9, w10, w11, w12, w13, w14, w15: UInt32

    /// The 64 bytes behind a pointer, little-endian.
    @inline(__always)
    init(loading p: UnsafeRawPointer) {
        func word(_ index: Int) -> UInt32 {
            UInt32(littleEndian: p.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self))
        }
        (w0, w1, w2, w3) = (word(0), word(1), word(2), word(3))
        (w4, w5, w6, w7) = (word(4), word(5), word(6), word(7))
        (w8, w9, w10, w11) = (word(8), word(9), word(10), word(11))
        (w12, w13, w14, w15) = (word(12), word(13), word(14), word(15))
    }

    /// Two halves.
    @inline(__always)
    init(_ a: Words8, _ b: Words8) {
        (w0, w1, w2, w3, w4, w5, w6, w7) = (a.w0, a.w1, a.w2, a.w3, a.w4, a.w5, a.w6, a.w7)
        (w8, w9, w10, w11, w12, w13, w14, w15) = (b.w0, b.w1, b.w2, b.w3, b.w4, b.w5, b.w6, b.w7)
    }

    /// The first half.
    @inline(__always)
    var low: Words8 { Words8(w0: w0, w1: w1, w2: w2, w3: w3, w4: w4, w5: w5, w6: w6, w7: w7) }

    /// The second half.
    @inline(__always)
    var high: Words8 { Words8(w0: w8, w1: w9, w2: w10, w3: w11, w4: w12, w5: w13, w6: w14, w7: w15) }

    /// The message words in the order of the next round.
    @inline(__always)
    mutating func permute() {
        (w0, w1, w2, w3, w4, w5, w6, w7, w8, w9, w10, w11, w12, w13, w14, w15) =
            (w2, w6, w3, w10, w7, w0, w4, w13, w1, w11, w12, w5, w9, w14, w15, w8)
    }

    /// One round of the state: the columns, then the diagonals.
    @inline(__always)
    mutating func round(_ m: Words16) {
        mix(&w0, &w4, &w8, &w12, m.w0, m.w1)
        mix(&w1, &w5, &w9, &w13, m.w2, m.w3)
        mix(&w2, &w6, &w10, &w14, m.w4, m.w5)
        mix(&w3, &w7, &w11, &w15, m.w6, m.w7)
        mix(&w0, &w5, &w10, &w15, m.w8, m.w9)
        mix(&w1, &w6, &w11, &w12, m.w10, m.w11)
        mix(&w2, &w7, &w8, &w13, m.w12, m.w13)
        mix(&w3, &w4, &w9, &w14, m.w14, m.w15)
    }
}

@inline(__always)
private func mix(
    _ a: inout UInt32, _ b: inout UInt32, _ c: inout UInt32, _ d: inout UInt32, _ x: UInt32, _ y: UInt32
) {
    a = a &+ b &+ x
    d = rotate(d ^ a, 16)
    c = c &+ d
    b = rotate(b ^ c, 12)
    a = a &+ b &+ y
    d = rotate(d ^ a, 8)
    c = c &+ d
    b = rotate(b ^ c, 7)
}

@inline(__always)
private func rotate(_ word: UInt32, _ count: UInt32) -> UInt32 { (word &>> count) | (word &<< (32 &- count)) }

/// What a compression is for; the bits of BLAKE3's domain separation.
enum BLAKE3Flags {
    static let chunkStart: UInt32 = 1
    static let chunkEnd: UInt32 = 2
    static let parent: UInt32 = 4
    static let root: UInt32 = 8
    static let keyedHash: UInt32 = 16
    static let deriveKeyContext: UInt32 = 32
    static let deriveKeyMaterial: UInt32 = 64
}

/// The 16 words after seven rounds, both halves fed forward.
@inline(__always)
func blake3Compress(
    _ chaining: Words8, _ block: Words16, counter: UInt64, count: UInt32, flags: UInt32
) -> Words16 {
    var setup = Words8.initial
    setup.w4 = UInt32(truncatingIfNeeded: counter)
    setup.w5 = UInt32(truncatingIfNeeded: counter >> 32)
    setup.w6 = count
    setup.w7 = flags
    var state = Words16(chaining, setup)
    var message = block
    state.round(message)
    message.permute()
    state.round(message)
    message.permute()
    state.round(message)
    message.permute()
    state.round(message)
    message.permute()
    state.round(message)
    message.permute()
    state.round(message)
    message.permute()
    state.round(message)
    return Words16(xor(state.low, state.high), xor(state.high, chaining))
}

@inline(__always)
private func xor(_ a: Words8, _ b: Words8) -> Words8 {
    Words8(
        w0: a.w0 ^ b.w0, w1: a.w1 ^ b.w1, w2: a.w2 ^ b.w2, w3: a.w3 ^ b.w3, w4: a.w4 ^ b.w4, w5: a.w5 ^ b.w5,
        w6: a.w6 ^ b.w6, w7: a.w7 ^ b.w7)
}
