"""Members and producers are told."""
