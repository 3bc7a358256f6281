"""The desk of those who check and correct."""
