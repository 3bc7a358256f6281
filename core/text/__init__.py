"""What was said, as text: the transcript, corrections on top of it, captions, the places it names."""
