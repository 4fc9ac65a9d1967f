"""The paper anchor: the log's newest state, printed for the ledger and held against it later."""
