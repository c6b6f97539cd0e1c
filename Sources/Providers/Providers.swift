// Model-neutral conversations and the dialects that carry them to a provider.
