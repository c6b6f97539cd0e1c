// JSON, canonical JSON, identifiers, instants and text encodings that every room above shares: the room's overview.
//
// JSON            the value; `JSON.parse` is the one strict parser, `serialized`, `prettyPrinted`, `canonical` and
//                 `canonicalForLedger` are the writers
// JSONObject      members in insertion order, keys told apart by their bytes
// JSONLimits      how large and how deep a text may be; JSONDialect: strict JSON, or JSON5's comforts for settings
// JSONError       what is wrong and where, never the text itself
// Hex, Base64     bytes as text and back, strictly
// Identifier      a UUID; IdentifierSource makes version 7 ones that only ever rise
// Instant         a millisecond in time and its RFC 3339 text; TimeSource: the clocks, handed in
// TextSafety      text made safe for a terminal; nearestName: did-you-mean
//
// Nothing here does input or output. Swift's `String ==` merges canonically equivalent texts, so this room compares
// keys and strings of JSON by their UTF-8 bytes throughout.
