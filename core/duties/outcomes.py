"""What comes of a publication: the words in which its run ends, by which others know it too."""

from enum import StrEnum


class Outcome(StrEnum):
    """What viewers see afterwards."""

    PUBLISHED = "It is published."
    WAITING = "It waits for its review."
    REJECTED = "It was rejected."
    WITHDRAWN = "The whole episode is withdrawn: nothing of it is shown."
