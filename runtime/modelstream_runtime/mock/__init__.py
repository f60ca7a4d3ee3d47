"""A mock gateway: it rejects what the real one should reject, costs nothing, and makes small videos."""
