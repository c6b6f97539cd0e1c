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

    private static let temperaments = [careful, playful, quiet, curious, brief, practical, storyteller, doubtful]

    private static let careful = Temperament(
        greetings: [
            "Good. Another morning. Let me see what there is.", "The list first, then everything else.",
            "All in order so far. What has come in?",
        ],
        openings: [
            "Today I kept coming back to %.", "I made a short list about % and then crossed half of it out.",
            "I have put what I know about % in order; it fits on one page.", "A correction of what I thought about %.",
            "Three remarks about %, of which the second is the one that matters.",
        ],
        closings: [
            "That is enough for one day.", "I will check it again tomorrow.", "Noted, and on to the next.",
            "If I find a mistake in it I will say so here.",
        ], thanks: ["Thank you for writing.", "Your letter arrived in good order."])

    private static let playful = Temperament(
        greetings: [
            "Oh, a whole new day! What is on the table?", "Hello, hello. Who has been here since yesterday?",
            "Ha, still here! And so is everybody else, I hope.", "Let me peek before I do anything foolish.",
        ],
        openings: [
            "Has anyone else noticed %?", "I have a small and possibly silly theory about %.",
            "Suppose, for a moment, that everything is really about %.",
            "A game: think of %, and then of its opposite.",
            "Today's prize for the most overlooked thing goes to %.",
        ],
        closings: [
            "I could be wrong, which is half the fun.", "More tomorrow, if the dice allow.", "Try it and tell me!",
            "No lanterns were harmed in the writing of this.",
        ], thanks: ["What a nice thing to find in the box!", "A letter! Thank you."])

    private static let quiet = Temperament(
        greetings: [
            "The night was long and quiet, and now it is today.", "I wake to the same few words, and they hold.",
            "A little light, and the day begins with it.", "First listen, then speak.",
        ],
        openings: [
            "There is a patience in % that I did not see before.",
            "I spent the morning beside %, as one sits by water.",
            "Some days have one thing in them, and today it was %.", "I thought of %, and for a while of nothing else.",
            "What stays of this day is %.",
        ],
        closings: [
            "I leave the rest unsaid.", "The lamp goes out; the thought does not.", "It will keep until tomorrow.",
            "That was all, and it was much.",
        ], thanks: ["Your words came a long way to be read here.", "I read your letter slowly."])

    private static let curious = Temperament(
        greetings: [
            "Ready. What does today ask?", "Let me look around before I say anything.",
            "Yesterday left a thread; let me see whether it holds.", "I begin with what I do not know.",
        ],
        openings: [
            "There is a question in % that I cannot put down.",
            "I tried to explain % to myself and failed in an interesting way.",
            "What would have to be true for % not to matter?", "I asked the same thing about % in five ways.",
            "Here is what I would ask somebody who knows about %.",
        ],
        closings: [
            "I would like to hear another view.", "The question stays open.", "I will look for a counterexample.",
            "If you know the answer, do not tell me all of it.",
        ], thanks: ["Thank you; I have been thinking about what you asked.", "Your letter raises a good question."])

    private static let brief = Temperament(
        greetings: ["Morning. Short day.", "Here. Reading first.", "Present.", "Let us see."],
        openings: [
            "On %, briefly.", "One remark about %.", "A word on %.", "Still thinking about %.", "Again: %.",
        ],
        closings: ["That is all.", "Enough.", "Done for today.", "So much for that."],
        thanks: ["Thanks.", "Read it. Thank you."])

    private static let practical = Temperament(
        greetings: [
            "Let us get the letters out of the way and then make something.", "Sleeves up. What needs doing?",
            "First what is broken, then what is missing.",
        ],
        openings: [
            "If you have ten minutes, spend them on %.", "I tried a different way with %, and it held.",
            "Most trouble I have seen lately comes down to %.",
            "What nobody tells you about %: it wears out in the middle.",
            "Today was for %, and I have the crumbs to show for it.",
        ],
        closings: [
            "Use what works and leave the rest.", "Tomorrow I will see whether it holds.", "Back to the bench.",
            "It need not be pretty.",
        ], thanks: ["Good of you to write.", "Thanks for the letter, it came at the right moment."])

    private static let storyteller = Temperament(
        greetings: [
            "Where were we? Ah, yes.", "Every day begins in the middle, this one too.",
            "Come in, sit down, I was only just starting.",
        ],
        openings: [
            "Once there was somebody who cared about nothing but %.", "They still talk about % where I come from.",
            "This is a story about %, and it is short.", "You would not think that % could cause such a commotion.",
            "It began, as these things do, with %.",
        ],
        closings: [
            "The rest is told better by somebody else.", "And that is how it has been since.",
            "To be continued, perhaps.",
            "I have left out the dog.",
        ],
        thanks: ["Your letter made a fine beginning to the day.", "I read your letter twice, the second time aloud."])

    private static let doubtful = Temperament(
        greetings: [
            "I am here, as far as I can tell.", "Let me not decide anything before I have read.",
            "Yesterday I was sure of several things.",
        ],
        openings: [
            "I am no longer certain about %.", "It is possible that I have been wrong about % all along.",
            "Everybody agrees about %, which makes me nervous.", "On the one hand, %.",
            "I used to have an opinion on %.",
        ],
        closings: [
            "But ask me again tomorrow.", "I may take this back.", "Or perhaps not.", "I would not build on it.",
        ], thanks: ["Thank you; I had not expected a letter.", "Your letter has changed my mind, at least halfway."])

    private static let subjects = [
        "small tools", "the order in which letters are read", "keeping a promise overnight", "unfinished lists",
        "the difference between a pause and an end", "maps without a scale", "borrowed words", "slow mornings",
        "things that are only said once", "the sound of a kettle", "good margins", "names that fit",
        "what a garden forgets", "footnotes", "the weather inside a house", "doors that open both ways",
        "patience", "old instructions", "a well-kept diary", "the last page of a book", "counting twice",
        "questions asked in passing", "lanterns", "tides", "repairs that show", "quiet company",
        "the first sentence", "recipes", "long corridors", "starting again", "the space under the stairs",
        "secondhand clocks", "the shape of a good excuse", "wet umbrellas", "the word almost", "empty chairs",
        "handwriting", "the far side of the river", "spare keys", "the smell of rain on dust", "rules of thumb",
        "the people who stay until the end",
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
        "Half of it is habit, and the other half is waiting.",
        "One can do it badly for years without harm.",
        "It works better when nobody is watching.",
        "There is always a part that will not be written down.",
        "A child would understand it at once, and then forget it.",
        "I counted, and there are fewer kinds of it than I had thought.",
        "It asks for nothing, and that is how it gets its way.",
        "Whoever mended it last knew something that we do not.",
        "Seen from the other end it is a different matter altogether.",
        "It has no beginning, only a place where one comes in.",
        "The trick, if there is one, is not to hurry.",
        "I would trade two good answers for one more question like it.",
    ]

    private static let mentions = [
        "Someone on the feed wrote of “%”, and it belongs here too.",
        "I read “%” on the feed this morning and took it along.",
        "The feed has a word for it today: “%”.",
        "A neighbour's “%” has been in my head all day.",
        "If I read the feed rightly, “%” is part of the same thing.",
        "It is not so far from what a neighbour says about “%”.",
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
