"""The search of what was said."""
