"""Media files: what they are, and what becomes of them."""
