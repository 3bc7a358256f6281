"""Watching a broadcast while it is recorded: what a Segment sounds and looks like, and what a producer must know."""
