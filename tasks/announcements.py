"""The events: deployment triggers in prefect.yaml wait for some, and automations of an operator may for all."""

from prefect.events import emit_event

from config import stores
from config.settings import Settings
from core.capture.watching.alarms import Alarm
from core.duties.deadlines import Deadline
from core.models import Broadcast, EpisodeCard
from core.telling.members import Members

RECORDING = "maaseutu.recording.begun"
PREPARED = "maaseutu.episode.prepared"
PUBLISHED = "maaseutu.episode.published"
LIVE = "maaseutu.episode.live"
UNCHECKED = "maaseutu.episode.unchecked"
NEWS = "maaseutu.network.news"
DEADLINE = "maaseutu.episode.deadline"

ALARM_RAISED = "maaseutu.alarm.raised"
ALARM_CLEARED = "maaseutu.alarm.cleared"


def announce_recording(broadcast: Broadcast) -> None:
    """A recording has begun, or is there: it can be prepared."""
    _emit(RECORDING, broadcast)


def announce_prepared(broadcast: Broadcast) -> None:
    """An episode is assembled: it can be published."""
    _emit(PREPARED, broadcast)


def announce_published(broadcast: Broadcast) -> None:
    """An episode's page is there."""
    _emit(PUBLISHED, broadcast)


def announce_live(broadcast: Broadcast) -> None:
    """The page of a broadcast that is on the air is there."""
    _emit(LIVE, broadcast)


def announce_news(settings: Settings, broadcast: Broadcast) -> None:
    """Something may be told to members of the network, if there are any: a process would begin to find nobody."""
    if not Members(stores.archive(settings)).are_none:
        _emit(NEWS, broadcast)


def announce_unchecked(broadcast: Broadcast) -> None:
    """Nobody stands behind an episode's text yet: it can be reviewed."""
    _emit(UNCHECKED, broadcast)


def announce_deadline(card: EpisodeCard, deadline: Deadline) -> None:
    """The text of a recording that is online must soon be accessible, or should be by now."""
    left = {"notice": str(deadline.notice), "days_left": str(deadline.days_left)}
    _emit(DEADLINE, card, due_at=deadline.due_at.isoformat(), **left)


def announce_alarm(broadcast: Broadcast, alarm: Alarm) -> None:
    """Something is wrong with what is recorded, or right again."""
    times = {"began_at": alarm.began_at.isoformat(), "known_at": alarm.known_at.isoformat()}
    if alarm.cleared_at:
        times["cleared_at"] = alarm.cleared_at.isoformat()
    event = ALARM_CLEARED if alarm.cleared_at else ALARM_RAISED
    _emit(event, broadcast, kind=alarm.kind.value, text=alarm.text, **times)


def _emit(event: str, broadcast: Broadcast | EpisodeCard, **more: str) -> None:
    resource = {"prefect.resource.id": f"maaseutu.broadcast.{broadcast.id}", "prefect.resource.name": broadcast.title}
    emit_event(event=event, resource=resource, payload={"broadcast": broadcast.id, **more})
