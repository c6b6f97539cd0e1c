// The entry point of the command line.
@main
struct Sanctuary {
    static func main() {}
}
