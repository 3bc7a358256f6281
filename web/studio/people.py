"""Who works in the studio. The sign-in puts both into the scope of every request that comes through it."""

from typing import TYPE_CHECKING, Literal, NamedTuple

from starlette.requests import Request

if TYPE_CHECKING:
    from web.strings import Strings

Role = Literal["producer", "admin"]


class Person(NamedTuple):
    """Somebody who signed in. ``account`` tells apart two persons of one name."""

    name: str
    role: Role
    account: str = ""


def who(request: Request) -> Person:
    """Who asks."""
    person: Person = request.scope["person"]
    return person


def spoken(request: Request) -> "Strings":
    """The texts of the language in which the studio is shown to whoever asks."""
    strings: Strings = request.scope["strings"]
    return strings
