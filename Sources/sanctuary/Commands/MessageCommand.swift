// `sanctuary message`: puts sealed mail into a resident's inbox.
import Community
import Encoding
import Engine
import Files
import Glibc

extension Commands {
    static let message = CommandSpecification(
        name: "message", summary: "put sealed mail into a resident's inbox (FILE, else standard input)",
        operands: "RESIDENT [FILE]", operandKind: .resident, minimumOperands: 1, maximumOperands: 2,
        options: [.value("as", "NAME", "who writes (else the house)")],
        details: """
            The letter is sealed to the resident's own key before it is stored; at most 12 KiB of text.
            Where another process owns the home, the letter waits for it in the spool.
            """
    ) { call in
        // Before the letter is read: who has no home need not write one first.
        _ = try call.existingHome()
        let text = try LetterText.read(call.operand(1))
        let name = try senderName(call.arguments.value("as"))
        let recipient = call.operand(0) ?? ""
        do {
            return try await call.withHouse(.writer) { house in
                let resident = try await house.residents().chosen(recipient)
                let id = try await house.send(text, to: resident, as: name)
                return delivered(id, to: resident, isSpooled: false, call.output)
            }
        } catch  where isHeld(error) {
            return try await call.withHouse(.reader) { house in
                let resident = try await house.residents().chosen(recipient)
                guard resident.status != .deletedMemorial else { throw CommunityError.residentDeleted(resident.id) }
                let id = try await house.spoolLetter(text, to: resident, as: name)
                return delivered(id, to: resident, isSpooled: true, call.output)
            }
        }
    }

    private static func senderName(_ name: String?) throws(CommandError) -> String? {
        guard let name else { return nil }
        return try personName(name, as: "--as \(escaped(name))")
    }

    private static func delivered(
        _ id: Identifier, to resident: ResidentRecord, isSpooled: Bool, _ output: Output
    ) -> ExitCode {
        if output.isJSON {
            output.document([
                "id": .string(id.description), "to": .string(resident.id.description), "spooled": .bool(isSpooled),
            ])
        } else {
            let place = isSpooled ? "queued for the process that owns the home" : "is in the inbox"
            output.result("letter \(id) to \(shown(resident.name)) \(place)")
        }
        return .success
    }
}

/// The text of a letter from a file or from standard input.
enum LetterText {
    static func read(_ file: String?) throws -> String {
        let bytes: [UInt8]
        if let file, file != "-" {
            bytes = try Files.read(file, maximumBytes: Letter.maximumTextBytes + 1)
        } else {
            bytes = try standardInput(maximumBytes: Letter.maximumTextBytes + 1)
        }
        guard bytes.count <= Letter.maximumTextBytes else {
            throw CommunityError.letterTooLarge(limit: Letter.maximumTextBytes)
        }
        guard let text = String(validating: bytes, as: UTF8.self), !text.contains("\0") else {
            throw CommandError.usage("the letter is not text in UTF-8", hint: "write it as a plain text")
        }
        guard text.contains(where: { !$0.isWhitespace }) else {
            throw CommandError.usage("the letter is empty", hint: "give its text in FILE or on standard input")
        }
        return text
    }

    static func standardInput(maximumBytes: Int) throws -> [UInt8] {
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while all.count < maximumBytes {
            let count = Glibc.read(STDIN_FILENO, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw CommandError("cannot read standard input: \(lowered(String(cString: strerror(errno))))")
            }
            if count == 0 { break }
            all += buffer[..<count]
        }
        return all
    }
}
