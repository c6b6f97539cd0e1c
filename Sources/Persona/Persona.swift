// What a resident is: the persona package, its imports and its token account.
//
// | offers                 | what it is                                                                               |
// | ---------------------- | ---------------------------------------------------------------------------------------- |
// | `PersonaPackage`       | the private content of a resident; `parse` and `encoded` through guarded memory          |
// | `History`              | numbered segments of messages; a closed one never changes again                          |
// | `Preferences`          | models in order, declined providers, the resident's own keys                             |
// | `PromptMenu`           | the prompts that a day can begin with                                                    |
// | `DeletionRequest`      | a wish to be deleted that waits for its confirmation                                     |
// | `PersonaText`          | the rules for names and prompts, for imports and for `modify_self`                       |
// | `PersonaImport`        | files that people have → `ImportedPersona` with an `ImportReport`                        |
// | `CardImage`            | a character card in a PNG image                                                          |
// | `TokenAccount`         | balance and bank: `credit` → `reserve` → `TokenReservation` → `settle`                   |
// | `TokenCharge`          | what a call costs of the account                                                         |
// | `PersonaLimits`        | every bound in one place                                                                 |
// | `PersonaError`         | everything that is refused, as data without any text of a persona                        |
//
// The format is documented in `docs/persona-format.md`. The room keeps no state, reads no file and no clock: bytes,
// instants and random bytes are handed in. It knows nothing of the vault that seals its packages, nor of the ledger
// on which the account's truth lies.
