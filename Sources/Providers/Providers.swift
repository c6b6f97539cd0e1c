// Providers: from a model-neutral conversation to a whole reply, whatever wire it takes; an overview of the room.
//
// - What is said: `Conversation`, `Turn`, `Block`, `ToolUse` in; `Reply`, `StopReason`, `TokenUsage` out. A reply goes
//   to the journal as JSON (`Reply.json`) and comes back equal.
// - Whom it is said to: `ModelName` (PROVIDER/MODEL), `ProviderSettings` (from `providers.<name>` of the settings),
//   `ModelCapabilities` and `Price` (settings before `ModelCatalogue`), `Money` in whole pico-USD.
// - How it gets there: `ProviderRouter.send` makes one attempt; `exchange` adds `RetryPolicy` and the order of
//   `FallbackPolicy`, with a call before each attempt for journal and budget; `check` asks for one word.
// - How hard it is asked: `RequestGate` (places), `RateMeter` (the rates of a key, corrected by `RateHeaders`), and the
//   breakers: for the night where the node is refused, `ProviderHealth` where a provider does not answer.
//   `PromptCacheWarmth` lets the first request with a shared beginning go ahead.
// - In batches: `uploadBatch`, `createBatch`, `batch`, `batches`, `readBatch`, `cancelBatch`, `deleteBatch`, in the
//   form of a `BatchDialect`; what they are for stands in docs/batches.md.
// - On the wire, inside the room: a `Dialect` makes bodies and reads whole replies, its `StreamAssembler` reads events.
//   Nothing is given out before a reply is whole (ended by its own terminator, ids unique); a tool call whose arguments
//   are no JSON object is given out as such, to be told to the model, never to be executed.
// - Trying without a key: `RehearsalServer`, a deterministic stand-in on loopback that speaks the Anthropic dialect, so
//   that a trial runs through every line above. `RehearsalScript` tells what a resident's prompt can make it do.
//
// Keys are read once into guarded memory and go to the host of their provider alone. Errors carry kinds, statuses and
// request ids, never the text of an answer, which may quote a prompt.
