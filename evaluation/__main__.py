"""All measurements of quality: ``python -m evaluation [DATA FOLDER]``."""

from evaluation import search, speech

if __name__ == "__main__":
    speech.main()
    search.main()
