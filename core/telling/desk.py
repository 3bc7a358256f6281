"""What the web process may do with the members' list: let somebody in by a link that we sent them, and let them out.

It cannot read the list, and nothing is stored of who only asks.
"""

from contextlib import suppress
from datetime import datetime, timedelta

from pydantic import ValidationError

from core.bucket import Bucket
from core.telling.members import Asked, Members
from core.telling.seals import Seal

WITHIN = timedelta(days=2)
"""So long a link is good by which somebody confirms that the address is theirs."""
CONSENT = "form on the site, confirmed by a link in an e-mail"


class Desk:
    """The list as the web process has it."""

    def __init__(self, archive: Bucket) -> None:
        self._members = Members(archive)

    @property
    def seal(self) -> Seal:
        """By which links are made."""
        return self._members.seal

    def link(self, asked: Asked) -> str:
        """What stands in the link that confirms what somebody asked for."""
        return self.seal.closed(asked.model_dump_json())

    def asked(self, token: str) -> Asked | None:
        """What was asked for; None when the link is too old, or not ours."""
        text = self.seal.opened(token, WITHIN)
        # A link that an earlier release made may say what is not known any more.
        with suppress(ValidationError):
            return Asked.model_validate_json(text) if text else None
        return None

    def confirm(self, asked: Asked, now: datetime) -> str:
        """Let somebody in; gives what stands in the link by which they leave."""
        self._members.write(asked, at=now, consent=CONSENT, now=now)
        return self.seal.leave(self.seal.id(asked.address))

    def leave(self, token: str) -> bool:
        """Let somebody out, if the link is ours; also who is out already."""
        member_id = self.seal.left(token)
        if member_id:
            self._members.remove(member_id)
        return bool(member_id)
