"""What to do when the Prefect server does not answer."""

from config.settings import Settings
from maaseutu import state


def cure(settings: Settings) -> str:
    """In one sentence or two; it depends on whether the server is one of ours that runs."""
    running = state.read(settings.state)
    ours = next((service for service in running.services if service.name == "prefect"), None)
    if ours is None or not state.is_alive(running.pid, running.created):
        return "Run `maaseutu up`, or look at the server that MAASEUTU_PREFECT_API_URL names."
    if not state.is_alive(ours.pid, ours.created):
        return f"It is being started again, which takes up to a minute; its log is {ours.log}."
    return (
        "What is being recorded goes on, and nothing new begins. Ask again in a minute; if it is still silent,"
        f" `kill -9 {ours.pid}`: it is started again by itself. Its log is {ours.log}."
    )
