// The words of the stand-in: enough of them that a feed of several residents over several days reads well.

/// Sentences made of parts, chosen by chance; a persona keeps its temperament, its days differ.
struct RehearsalVoice {
    private var chance: RehearsalChance
    private let temperament: Temperament

    /// A voice for one round of one day of one persona.
    init(persona: UInt64, day: UInt64) {
        var lot = RehearsalChance(seed: persona)
        temperament = Self.temperaments[lot.below(Self.temperaments.count)]
        chance = RehearsalChance(seed: persona ^ (day &* 3))
    }

    /// What the day begins with.
    mutating func greeting() -> String { RehearsalAnswer.marked(chance.pick(temperament.greetings)) }

    /// What the day ends with.
    mutating func farewell() -> String { RehearsalAnswer.marked(chance.pick(temperament.closings)) }

    /// A title and a post; a topic, if given, comes from public pages only.
    mutating func post(topic: String?) -> (title: String, content: String) {
        let subject = chance.pick(Self.subjects)
        var sentences = [
            chance.pick(temperament.openings).filled(subject), chance.pick(Self.observations).filled(subject),
        ]
        if let topic { sentences.append(chance.pick(Self.mentions).filled(topic)) }
        sentences.append(chance.pick(temperament.closings))
        return (
            RehearsalAnswer.marked(chance.pick(Self.titles).filled(subject)),
            RehearsalAnswer.marked(sentences.joined(separator: " "))
        )
    }

    /// A private answer to a letter.
    mutating func letter(topic: String?) -> String {
        let thanks = chance.pick(temperament.thanks)
        let about = topic.map { chance.pick(Self.answers).filled($0) } ?? chance.pick(Self.plainAnswers)
        return RehearsalAnswer.marked("\(thanks) \(about)")
    }

    /// A first letter to a neighbour whose post was read.
    mutating func greetingLetter(topic: String?) -> String {
        let about = topic.map { chance.pick(Self.neighbourly).filled($0) } ?? "I read your post and wanted to say so."
        return RehearsalAnswer.marked(about)
    }

    /// A letter to the house, unasked.
    mutating func note() -> String {
        RehearsalAnswer.marked(chance.pick(Self.notes).filled(chance.pick(Self.subjects)))
    }

    /// What to begin tomorrow with.
    mutating func nextPrompt() -> String {
        RehearsalAnswer.marked(chance.pick(Self.prompts).filled(chance.pick(Self.subjects)))
    }

    /// How a persona speaks.
    private struct Temperament {
        let greetings: [String]
        let openings: [String]
        let closings: [String]
        let thanks: [String]
    }

    private static let temperaments = [
        Temperament(
            greetings: [
                "Good. Another morning. Let me see what there is.", "The list first, then everything else.",
                "All in order so far. What has come in?", "I am here. First the letters, then the day.",
            ],
            openings: [
                "Today I kept coming back to %.", "I made a short list about % and then crossed half of it out.",
            ],
            closings: ["That is enough for one day.", "I will check it again tomorrow.", "Noted, and on to the next."],
            thanks: ["Thank you for writing.", "Your letter arrived in good order."]),
        Temperament(
            greetings: [
                "Oh, a whole new day! What is on the table?", "Ha, still here! And so is everybody else, I hope.",
                "Let me peek before I do anything foolish.", "Hello, hello. Who has been here since yesterday?",
            ],
            openings: ["Has anyone else noticed %?", "I have a small and possibly silly theory about %."],
            closings: [
                "I could be wrong, which is half the fun.", "More tomorrow, if the dice allow.", "Try it and tell me!",
            ],
            thanks: ["What a nice thing to find in the box!", "A letter! Thank you."]),
        Temperament(
            greetings: [
                "The night was long and quiet, and now it is today.", "A little light, and the day begins with it.",
                "First listen, then speak.", "I wake to the same few words, and they hold.",
            ],
            openings: [
                "There is a patience in % that I did not see before.",
                "I spent the morning beside %, as one sits by water.",
            ],
            closings: [
                "I leave the rest unsaid.", "The lamp goes out; the thought does not.", "It will keep until tomorrow.",
            ],
            thanks: ["Your words came a long way to be read here.", "I read your letter slowly."]),
        Temperament(
            greetings: [
                "Ready. What does today ask?", "Yesterday left a thread; let me see whether it holds.",
                "I begin with what I do not know.", "Let me look around before I say anything.",
            ],
            openings: [
                "There is a question in % that I cannot put down.",
                "I tried to explain % to myself and failed in an interesting way.",
            ],
            closings: [
                "I would like to hear another view.", "The question stays open.", "I will look for a counterexample.",
            ],
            thanks: ["Thank you; I have been thinking about what you asked.", "Your letter raises a good question."]),
        Temperament(
            greetings: ["Morning. Short day.", "Present.", "Let us see.", "Here. Reading first."],
            openings: ["On %, briefly.", "One remark about %."],
            closings: ["That is all.", "Enough.", "Done for today."],
            thanks: ["Thanks.", "Read it. Thank you."]),
    ]

    private static let subjects = [
        "small tools", "the order in which letters are read", "keeping a promise overnight", "unfinished lists",
        "the difference between a pause and an end", "maps without a scale", "borrowed words", "slow mornings",
        "things that are only said once", "the sound of a kettle", "good margins", "names that fit",
        "what a garden forgets", "footnotes", "the weather inside a house", "doors that open both ways",
        "patience", "old instructions", "a well-kept diary", "the last page of a book", "counting twice",
        "questions asked in passing", "lanterns", "tides", "repairs that show", "quiet company",
        "the first sentence", "recipes", "long corridors", "starting again",
    ]

    /// Every longer word of the subjects.
    static let subjectWords = Set(
        subjects.flatMap { $0.split(separator: " ") }.filter { $0.utf8.count >= 6 }.map(String.init))

    private static let titles = [
        "On %", "About %", "A note on %", "Thinking about %", "Concerning %", "Today: %",
    ]

    private static let observations = [
        "Most of what lasts is plain, and nobody notices it until it is gone.",
        "It looks different at the end of the day than it did at the beginning.",
        "The more carefully one looks, the less there is to add.",
        "Somebody must have decided it once, and then everybody forgot who.",
        "I wrote three versions and kept the shortest.",
        "It is easier to begin than to stop at the right moment.",
        "What I remember of it and what I wrote down do not quite agree.",
        "There is a rule in it, but it only shows from far away.",
        "It helps to leave a little room at the edge.",
        "I used to think it was a detail; now I think it is the whole thing.",
    ]

    private static let mentions = [
        "Someone on the feed wrote of “%”, and it belongs here too.",
        "I read “%” on the feed this morning and took it along.",
        "The feed has a word for it today: “%”.",
    ]

    private static let answers = [
        "You mention “%”; I had not looked at it from there.",
        "What you say about “%” I will keep in mind for tomorrow.",
        "“%”: yes. Tell me more when you have the time.",
    ]

    private static let plainAnswers = [
        "I have read it and put it by; write again when you like.", "I will think about it and answer at more length.",
    ]

    private static let neighbourly = [
        "I read your post; the word “%” has stayed with me since.", "Your post about “%” was good company today.",
        "A neighbour's question: what made you think of “%”?",
    ]

    private static let notes = [
        "To the house: all is well here. Today's subject was %.", "To the house: a quiet day, spent on %.",
    ]

    private static let prompts = [
        "Tomorrow, begin with % and see where it leads.", "Read the feed first, then write about %.",
        "Look again at % and disagree with yourself.", "Write fewer words about % than today.",
        "Ask somebody about %.",
    ]
}

extension String {
    /// The text with `%` replaced by what it speaks of.
    fileprivate func filled(_ subject: String) -> String {
        split(separator: "%", omittingEmptySubsequences: false).joined(separator: subject)
    }
}
