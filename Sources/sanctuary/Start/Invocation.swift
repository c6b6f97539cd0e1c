// Everything that a command is given: what was asked, where to print, the home, the settings, time and chance.
import Cryptography
import Encoding
import Engine
import Scheduler

/// One call of one command.
struct Invocation: Sendable {
    let arguments: ParsedArguments
    let output: Output
    let environment: ProcessEnvironment
    let secrets: SecretStore
    let surroundings: HomeSurroundings
    /// Given when the program is told to stop.
    let stop: StopSignal
    /// Given when the settings are to be read again.
    let reload = ReloadSignal()
    /// Where master keys are remembered; nil reads them each time.
    var keyMemory: KeyMemory?
    private let location: Result<HomePaths, CommandError>
    private var readSettings: Result<Settings, CommandError>

    /// Finds the home, reads its settings, and takes the secrets that they name out of the environment.
    ///
    /// To be made while there is one thread.
    init(arguments: ParsedArguments, output: Output, environment: ProcessEnvironment) {
        self.arguments = arguments
        self.output = output
        self.environment = environment
        let location = Result { () throws(CommandError) in
            try HomeLocation(environment: environment).home(option: arguments.value("home"))
        }
        let settings = location.flatMap { paths in
            Result { () throws(CommandError) in
                try Settings.read(of: paths, zones: environment.zones)
            }
        }
        self.location = location
        readSettings = settings
        secrets = SecretStore(taking: SecretStore.names(for: try? settings.get()))
        surroundings = HomeSurroundings(time: .system, random: .system, program: "sanctuary \(Version.number)")
        stop = StopSignal()
    }

    /// The home that is meant, whether it exists or not.
    func home() throws(CommandError) -> HomePaths { try location.get() }

    /// The settings of the home.
    func settings() throws(CommandError) -> Settings { try readSettings.get() }

    /// The settings of the home, or the defaults where nothing says where a home would be.
    func settingsIfAny() throws(CommandError) -> Settings {
        guard case .success = location else { return Settings() }
        return try settings()
    }

    /// The same call with other settings than those that stood in the file at its start.
    func replacing(settings: Settings) -> Invocation {
        var call = self
        call.readSettings = .success(settings)
        return call
    }

    /// An operand.
    func operand(_ index: Int) -> String? {
        arguments.operands.indices.contains(index) ? arguments.operands[index] : nil
    }
}

/// The version of the program.
enum Version {
    static let number = "0.1.0"
}
