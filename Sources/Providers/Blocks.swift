// The pieces of a turn: a past of hundreds of turns is mostly one text a turn, which lies in the turn itself.

/// What a turn says, in order; a single piece is held without an array.
public struct Blocks: RandomAccessCollection, Sendable, Equatable {
    /// A single piece is always `one`, so that equal pieces are held alike.
    private enum Pieces: Equatable {
        case one(Block)
        case others([Block])
    }

    private let pieces: Pieces

    init(_ block: Block) { pieces = .one(block) }

    init(_ blocks: [Block]) { pieces = blocks.count == 1 ? .one(blocks[0]) : .others(blocks) }

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
