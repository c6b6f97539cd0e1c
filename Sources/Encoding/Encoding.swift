// JSON, canonical JSON, identifiers, instants and text encodings that every room above shares.
