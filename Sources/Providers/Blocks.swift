// The pieces of a turn: a past of hundreds of turns is mostly one text a turn, which lies in the turn itself.

/// What a turn says, in order; a single piece is held without an array.
public struct Blocks: RandomAccessCollection, Sendable, Equatable {
    /// A single piece is always `one`, so that equal pieces are held alike.
    private enum Pieces: Equatable {
        case one(Block)
        case others([Block])
    }

    private let pieces: Pieces
    /// The estimate of their tokens; made once, since every request is estimated several times.
    let tokens: Int
    /// About how many bytes they have; exactly as many where they are words.
    let bytes: Int

    init(_ block: Block) {
        self.init(
            .one(block), tokens: TokenEstimate.perBlock + TokenEstimate.tokens(in: block),
            bytes: TokenEstimate.bytes(of: block))
    }

    init(_ blocks: [Block]) {
        self =
            blocks.count == 1
            ? Blocks(blocks[0])
            : Blocks(
                .others(blocks),
                tokens: blocks.reduce(0) { $0 + TokenEstimate.perBlock + TokenEstimate.tokens(in: $1) },
                bytes: blocks.reduce(0) { $0 + TokenEstimate.bytes(of: $1) })
    }

    private init(_ pieces: Pieces, tokens: Int, bytes: Int) {
        self.pieces = pieces
        self.tokens = tokens
        self.bytes = bytes
    }

    /// Where the first piece is.
    public var startIndex: Int { 0 }

    /// Behind the last piece.
    public var endIndex: Int {
        switch pieces {
        case .one: 1
        case .others(let blocks): blocks.count
        }
    }

    /// A piece by its place.
    public subscript(place: Int) -> Block {
        switch pieces {
        case .one(let block):
            precondition(place == 0, "a single piece has the first place")
            return block
        case .others(let blocks): return blocks[place]
        }
    }
}
