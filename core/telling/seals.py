"""What only we can make: the IDs of addresses, and the links in messages that let somebody in without signing in.

All of it comes from one secret, which lies in the archive and is made when it is first needed.
"""

import base64
import hashlib
import hmac
import secrets
from datetime import timedelta
from functools import cached_property

from cryptography.fernet import Fernet, InvalidToken

from core import keys
from core.bucket import Bucket
from core.models import Record

ID_SIGNS = 32


class _Secret(Record):
    secret: str


class Seal:
    """IDs, links and signatures of one secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def id(self, address: str) -> str:
        """The name of an address in keys: who reads it cannot guess the address."""
        return self._signed("id", address.encode())[:ID_SIGNS]

    def leave(self, member_id: str) -> str:
        """What stands in a link by which a member leaves. It is good for ever."""
        return f"{member_id}{self._signed('leave', member_id.encode())[:ID_SIGNS]}"

    def left(self, token: str) -> str:
        """Which member's link it is; empty when we did not make it."""
        member_id = token[:ID_SIGNS]
        return member_id if hmac.compare_digest(self.leave(member_id).encode(), token.encode()) else ""

    def closed(self, text: str) -> str:
        """A text that nobody else can read or change, to stand in a link."""
        return self._fernet.encrypt(text.encode()).decode()

    def opened(self, token: str, within: timedelta) -> str | None:
        """The text, or None when we did not close it, or not ``within`` this time."""
        try:
            return self._fernet.decrypt(token.encode(), ttl=int(within.total_seconds())).decode()
        except InvalidToken:
            return None

    def webhook(self, member_id: str) -> str:
        """The secret by which a member's webhook knows our messages, as standardwebhooks.com writes it."""
        return f"whsec_{base64.b64encode(self._key(f'webhook {member_id}')).decode()}"

    def signature(self, member_id: str, content: bytes) -> str:
        """What says that a message to that webhook is ours."""
        made = hmac.new(self._key(f"webhook {member_id}"), content, hashlib.sha256).digest()
        return f"v1,{base64.b64encode(made).decode()}"

    @cached_property
    def _fernet(self) -> Fernet:
        return Fernet(base64.urlsafe_b64encode(self._key("links")))

    def _signed(self, purpose: str, data: bytes) -> str:
        return hmac.new(self._key(purpose), data, hashlib.sha256).hexdigest()

    def _key(self, purpose: str) -> bytes:
        return hmac.new(self._secret, purpose.encode(), hashlib.sha256).digest()


def of(archive: Bucket) -> Seal:
    """The archive's own. Of two who make it at once both get the same."""
    fresh = _Secret(secret=secrets.token_hex(32)).model_dump_json().encode()
    if archive.head(keys.SEAL) is None:
        archive.put_once(keys.SEAL, fresh)
    return Seal(bytes.fromhex(_Secret.model_validate_json(archive.get(keys.SEAL)).secret))
