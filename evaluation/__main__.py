"""All measurements of quality: ``python -m evaluation``, with the options of ``python -m evaluation.speech``."""

from evaluation import heard, notes, search, speech

if __name__ == "__main__":
    notes.main()
    search.main(speech.main().data)
    heard.main()
