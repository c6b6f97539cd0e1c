// The dated rows of the catalogue, embedded so that a binary alone knows them; settings override any of it.

extension ModelCatalogue {
    /// Prices are USD per million tokens; `write1h` is the price of an hour's cache entry, `batch` what of all prices a
    /// batch costs, in per cent.
    ///
    /// Read on the day below from the providers' model pages and from litellm 1.106.2
    /// (`model_prices_and_context_window_backup.json`). The cache reads of claude-sonnet-5-5 are given as 0.1 and as
    /// 0.20: the dearer stands, so that no budget is passed unseen.
    static let rows = """
        {
          "date": "2026-11-21",
          "anthropic": {
            "claude-fable-5-1": {"input": "10", "output": "50", "write": "12.5", "write1h": "20", "read": "0.25",
             "window": 1000000, "maxOutput": 128000, "batch": 50, "cacheMinimum": 512},
            "claude-opus-5-5": {"input": "4", "output": "20", "write": "5", "write1h": "8", "read": "0.2",
             "window": 1000000, "maxOutput": 128000, "batch": 50, "cacheMinimum": 512},
            "claude-sonnet-5-5": {"input": "2", "output": "10", "write": "2.5", "write1h": "4", "read": "0.20",
             "window": 1000000, "maxOutput": 128000, "batch": 50, "cacheMinimum": 512},
            "claude-haiku-5-5": {"input": "0.1", "output": "0.5", "write": "0.125", "write1h": "0.2", "read": "0.01",
             "window": 1000000, "maxOutput": 128000, "batch": 50, "cacheMinimum": 512},
            "claude-haiku-4-5": {"input": "1", "output": "5", "write": "1.25", "write1h": "2", "read": "0.1",
             "window": 200000, "maxOutput": 64000, "batch": 50, "cacheMinimum": 4096, "sampling": true}
          },
          "openai": {
            "gpt-6-astra": {"input": "10", "output": "50", "write": "12.5", "read": "1",
             "window": 922000, "maxOutput": 128000, "batch": 50, "system": "developer",
             "outputLimit": "max_completion_tokens"},
            "gpt-6.1-sol": {"input": "2", "output": "10", "write": "2.5", "read": "0.1",
             "window": 922000, "maxOutput": 128000, "batch": 50, "system": "developer",
             "outputLimit": "max_completion_tokens"},
            "gpt-6-luna": {"input": "0.1", "output": "0.5", "write": "0.125", "read": "0.01",
             "window": 922000, "maxOutput": 128000, "batch": 50, "system": "developer",
             "outputLimit": "max_completion_tokens"}
          }
        }
        """
}
