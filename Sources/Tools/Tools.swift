// What a resident can do: tool definitions, argument schemas and their effects.
