"""Everything that can go wrong, as one small tree.

MaaseutuError                 said to a person: what happened, and what to do about it
├── Permanent                 trying again changes nothing
│   ├── InvalidInput          what was asked for cannot be done
│   │   └── InvalidMedia      the file or stream is not media we can use
│   │       └── AddressRefused    an address that is not opened: of another kind, or not public
│   ├── SourceMissing         the broadcast's server says it is not there, or nothing came from it in time
│   ├── StorageDenied         the store refused our credentials or our request
│   ├── ObjectMissing         an object that should be in the store is not there
│   ├── ModelDamaged          the speech model's files are missing or altered
│   └── Misconfigured         a setting, a tool or a port is not as it must be
└── Retryable                 the same call may succeed in a moment
    ├── SourceUnavailable     the broadcast's server does not answer, or says that it failed
    ├── StorageUnreachable    the store does not answer
    ├── RecogniserAway        the speech server does not answer, or says that it failed
    ├── WriterFailed          the language model's server does not answer, or not with what was asked for
    ├── NotDelivered          a message was not taken by its receiver's server, which is certain
    ├── MaybeDelivered        the server went away before it said whether it took a message
    ├── DigestMismatch        what arrived is not what was sent
    ├── ChildFailed           a child process ended with an error
    └── DiskFull              no room in a working folder; goes on when there is
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class MaaseutuError(Exception):
    """An error for a person: ``what`` happened and the ``cure``, both full sentences."""

    def __init__(self, what: str, cure: str = "") -> None:
        super().__init__(f"{what} {cure}".strip())
        self.what = what
        self.cure = cure


class Permanent(MaaseutuError):
    """Trying again changes nothing."""


class Retryable(MaaseutuError):
    """The same call may succeed in a moment."""


class InvalidInput(Permanent):
    """What was asked for cannot be done."""


class InvalidMedia(InvalidInput):
    """The file or stream is not media we can use."""


class AddressRefused(InvalidMedia):
    """An address that is not opened: it is of a kind that we do not follow, or it is not public."""


class SourceMissing(Permanent):
    """The broadcast's server says that it is not there, or nothing came from it in the time we try."""


class StorageDenied(Permanent):
    """The store refused our credentials or our request."""


class ObjectMissing(Permanent):
    """An object that should be in the store is not there."""


class ModelDamaged(Permanent):
    """The speech model's files are missing or altered."""


class Misconfigured(Permanent):
    """A setting, a tool or a port is not as it must be."""


class SourceUnavailable(Retryable):
    """The broadcast's server does not answer, or says that it failed."""


class StorageUnreachable(Retryable):
    """The store does not answer."""


class RecogniserAway(Retryable):
    """The speech server does not answer, or says that it failed."""


class WriterFailed(Retryable):
    """The language model's server does not answer, or not with what was asked for.

    ``is_passing`` when the same question may well be answered in some seconds, ``is_late`` when others will hardly be.
    """

    def __init__(self, what: str, cure: str = "", *, is_passing: bool = False, is_late: bool = False) -> None:
        super().__init__(what, cure)
        self.is_passing = is_passing
        self.is_late = is_late


class NotDelivered(Retryable):
    """A message was not taken, which is certain: it may be sent again.

    ``is_ours`` when the fault is our own mail server's, and so not that of the receiver's address.
    """

    def __init__(self, what: str, cure: str = "", *, is_ours: bool = False) -> None:
        super().__init__(what, cure)
        self.is_ours = is_ours


class MaybeDelivered(Retryable):
    """The whole message was sent, and the server went away before it said whether it took it."""


class DigestMismatch(Retryable):
    """What arrived is not what was sent."""


class ChildFailed(Retryable):
    """A child process ended with an error."""


class DiskFull(Retryable):
    """There is no room in a working folder."""


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Around whatever writes into a working folder.

    Raises:
        DiskFull: there is no room.
    """
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise DiskFull(f"The disk of {folder} is full.", "Make room; what was written is kept.") from error
        raise
