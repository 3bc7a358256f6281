"""All measurements of quality: ``python -m evaluation``, with the options of ``python -m evaluation.speech``."""

from evaluation import aloud, chapters, heard, notes, search, speech

if __name__ == "__main__":
    chapters.main()
    notes.main()
    search.main(speech.main().data)
    heard.main()
    aloud.main()
