"""All measurements of quality: ``python -m evaluation``, with the options of ``python -m evaluation.speech``."""

from evaluation import heard, search, speech

if __name__ == "__main__":
    search.main(speech.main().data)
    heard.main()
