"""Finnish as a language: forms, base forms, numbers, dates, sentences."""
