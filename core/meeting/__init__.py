"""What a meeting was about: chapters, decisions, actions, and notes in which every line tells what it rests on."""
