"""Every setting, once: its name, its meaning, its bounds. The example file is generated from here.

A value is looked for in the environment, then in ``settings.env`` in the working folder, then in what a running
embedded stack wrote (``STATE/stack.env``), and last in the defaults below.
"""

import os
import sys
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.errors import Misconfigured
from core.outside import addresses
from core.text.captions import Style

PREFIX = "MAASEUTU_"
SITE_FILE = Path("settings.env")
STACK_FILE = "stack.env"


class Settings(BaseSettings):
    """What an operator may change. Each is an environment variable with the prefix MAASEUTU_."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True)

    state: Path = Field(Path(".maaseutu"), description="Folder of all that is local: logs, spool, index, stores.")
    s3_endpoint: str = Field("", description="URL of the S3 store. Empty: the embedded one (maaseutu up).")
    s3_access_key: str = Field("", description="Access key of the S3 store.")
    s3_secret_key: SecretStr = Field(SecretStr(""), description="Secret key of the S3 store.")
    s3_region: str = Field("us-east-1", description="Region of the S3 store.")
    archive_bucket: str = Field("maaseutu-archive", description="Private bucket of originals, results, manifests.")
    site_bucket: str = Field("maaseutu-site", description="Public bucket for pages and media.")
    index_bucket: str = Field(
        "maaseutu-index",
        description="Private bucket of the search index's snapshots, with which a new replica begins in seconds. "
        "Empty: none.",
    )
    prefect_api_url: str = Field("", description="API of the Prefect server. Empty: the embedded one (maaseutu up).")
    web_host: str = Field("127.0.0.1", description="Address that the web application listens on.")
    web_port: int = Field(0, ge=0, le=65535, description="Port of the web application; 0 takes a free one.")
    prefect_port: int = Field(0, ge=0, le=65535, description="Port of the embedded Prefect server; 0 takes a free one.")
    s3_port: int = Field(0, ge=0, le=65535, description="Port of the embedded S3 store; 0 takes a free one.")
    public_url: str = Field("", description="Address of the site as viewers see it. Empty: the web application's.")
    proxies: str = Field(
        "",
        description="Addresses or networks of reverse proxies, with commas between, whose X-Forwarded-For is believed.",
    )
    searches_per_minute: int = Field(
        300,
        ge=0,
        description="Most searches and questions to the API from one address a minute; 0: no limit.",
    )
    locale: str = Field("fi", pattern="^(fi|sv|en)$", description="Language of the pages: fi, sv or en.")
    contact: str = Field("", description="E-mail or web address that the pages give for feedback and corrections.")
    ffmpeg: str = Field("", description="Path of ffmpeg. Empty: the one that comes with imageio-ffmpeg.")
    engine: str = Field(
        "faster-whisper",
        pattern="^(faster-whisper|openai-whisper|server)$",
        description="What recognises speech: faster-whisper, openai-whisper, or server.",
    )
    model: str = Field(
        "",
        description="Speech model: a folder (a .pt file for openai-whisper), a name such as large-v3, or Org/name of "
        "the hub; for a server the name it has there. Empty: the bundled multilingual base model.",
    )
    compute_type: str = Field(
        "auto",
        pattern="^[a-z0-9_]+$",
        description="Type in which the model calculates. auto: int8 on a processor, float16 with CUDA "
        "(openai-whisper: float32, float16).",
    )
    model_threads: int = Field(
        0, ge=0, le=64, description="Processor threads of speech recognition. 0: as many as the machine has cores."
    )
    speech_server: str = Field(
        "", description="URL, up to /v1, of a speech server with OpenAI's protocol, for the engine server."
    )
    speech_server_key: SecretStr = Field(SecretStr(""), description="Key of the speech server, if it wants one.")
    beam_size: int = Field(5, ge=1, le=10, description="Width of the search in speech recognition: wider is slower.")
    repair: bool = Field(
        True,
        description="Find names by sound, mend names, letters and borders of Finnish words; what was heard is kept.",
    )
    written: bool = Field(
        True,
        description="Write figures, abbreviations and capitals of recognised Finnish as usual; what was heard is kept.",
    )
    notes_server: str = Field(
        "",
        description="URL, up to /v1, of a language model's server with OpenAI's protocol (Ollama, vLLM), which then "
        "writes the notes: what was said is sent there. Empty: notes are quotes.",
    )
    notes_server_key: SecretStr = Field(SecretStr(""), description="Key of that server, if it wants one.")
    notes_model: str = Field("", description="Name that the server has for the language model.")
    notes_tokens: int = Field(
        8_000, ge=3_000, le=1_000_000, description="Most tokens of a question to the language model with its answer."
    )
    notes_seconds: int = Field(180, ge=1, le=3_600, description="How long an answer of the language model may take.")
    live_pages: bool = Field(
        True,
        description="Show a broadcast on its page, and let it be searched, while it is on the air, as far as prepared.",
    )
    encode_threads: int = Field(2, ge=1, le=64, description="Processor threads of encoding. Part of the cache key.")
    segment_seconds: int = Field(4, ge=1, le=30, description="Shortest length of a recorded Segment.")
    part_seconds: int = Field(60, ge=10, le=600, description="Length of a Part, the unit of work.")
    parallel_parts: int = Field(2, ge=1, le=64, description="Parts that one run works on at a time.")
    plan_lead_minutes: int = Field(
        10, ge=0, le=120, description="Minutes before a planned broadcast at which its recording begins."
    )
    plan_grace_minutes: int = Field(
        30, ge=0, le=120, description="Minutes for which a recording goes on after the planned end."
    )
    plan_ahead_days: int = Field(
        60, ge=1, le=400, description="How many days ahead the broadcasts of a programme's schedule are planned."
    )
    give_up_seconds: int = Field(120, ge=5, le=86_400, description="How long a lost source is tried again.")
    private_sources: str = Field(
        "",
        description="Sources that may be recorded though they are not public: networks, hosts, or host:port, "
        "with commas between. Empty: none.",
    )
    stall_seconds: int = Field(
        20, ge=5, le=600, description="Silence (s) after which an RTMP or SRT connection is made anew."
    )
    tallest: int = Field(1080, ge=144, le=4320, description="Most lines of picture, where a stream offers several.")
    min_free_mb: int = Field(
        500,
        ge=1,
        description="Free disk space (MB) below which imports are refused, preparing waits and an alarm is raised.",
    )
    reserve_mb: int = Field(
        450, ge=0, description="Disk space (MB) that each live recording keeps for the last moment: 10 min of 6 Mbit/s."
    )
    caption_line: int = Field(42, ge=20, le=60, description="Most characters of a line of captions.")
    caption_lines: int = Field(2, ge=1, le=3, description="Most lines of a caption.")
    caption_speed: int = Field(
        14, ge=8, le=30, description="Characters a second that captions ask to be read, where speech leaves the time."
    )
    notify: SecretStr = Field(
        SecretStr(""),
        description="Whom to tell of faults while recording, and of texts that must be checked: apprise addresses, "
        "separated by spaces.",
    )
    review: str = Field(
        "after",
        pattern="^(after|before)$",
        description="When a person looks at the text: after it was published as the machine wrote it, or before.",
    )
    studio: str = Field(
        "off",
        pattern="^(off|passwords|openid)$",
        description="The studio for producers, under /studio/ of the web application, and how they sign in: off, "
        "passwords (maaseutu studio add), or openid.",
    )
    studio_hours: int = Field(12, ge=1, le=168, description="Hours after which a producer signs in to the studio anew.")
    studio_idle_minutes: int = Field(
        120,
        ge=5,
        le=10_080,
        description="Minutes without a request after which a producer signs in anew.",
    )
    studio_issuer: str = Field("", description="URL of the OpenID provider, exactly as it calls itself (issuer).")
    studio_client_id: str = Field("", description="Name that the OpenID provider has for the studio.")
    studio_client_secret: SecretStr = Field(SecretStr(""), description="Secret of the studio at the OpenID provider.")
    studio_claim: str = Field(
        "roles", description="Claim of the ID token that tells roles or groups; realm_access.roles lies deeper."
    )
    studio_producers: str = Field(
        "producer",
        description="Who is a producer: values of that claim, or e-mail addresses that the provider has verified, with "
        "commas between.",
    )
    studio_admins: str = Field("admin", description="Who is an admin, who also reads the log: as for producers.")
    smtp_host: str = Field(
        "",
        description="Mail server for messages to members of the network. Empty: nobody gets e-mail or can subscribe.",
    )
    smtp_port: int = Field(0, ge=0, le=65535, description="Its port; 0 takes the usual one: 587, 465 or 25.")
    smtp_security: str = Field(
        "starttls",
        pattern="^(starttls|tls|none)$",
        description="How mail goes there: starttls, tls, or none (only to a server of the house).",
    )
    smtp_user: str = Field("", description="Who we are for the mail server, if it wants a login.")
    smtp_password: SecretStr = Field(SecretStr(""), description="Password for the mail server.")
    smtp_sender: str = Field(
        "",
        pattern=r"^$|^([^<>@]*<)?[^@\s<>]+@[^@\s<>]+>?$",
        description="From whom messages come: Maaseutu LIVE <live@example.org>, whose domain must allow that server. "
        "Empty: live@ and the host of the site's address.",
    )
    withdrawn_days: int = Field(
        365,
        ge=1,
        le=36_500,
        description="Days for which what was withdrawn can be restored.",
    )

    @field_validator("private_sources")
    @classmethod
    def _known(cls, text: str) -> str:
        addresses.parse(text)
        return text

    @property
    def captions(self) -> Style:
        """The measures of captions."""
        return Style(line=self.caption_line, lines=self.caption_lines, speed=self.caption_speed)

    @property
    def spool(self) -> Path:
        """Folder for media on its way to the store."""
        return self.state / "spool"

    @property
    def vocabulary(self) -> Path:
        """The analysed words, shared by all processes of this machine."""
        return self.state / "vocabulary.sqlite"

    @property
    def index(self) -> Path:
        """The web application's search index."""
        return self.state / "index"

    @property
    def logs(self) -> Path:
        """One log a process."""
        return self.state / "logs"

    @property
    def site_url(self) -> str:
        """Address of the site, without a slash at its end."""
        return self.public_url.rstrip("/")


def load(**overrides: Any) -> Settings:
    """The settings in force.

    Raises:
        Misconfigured: a value is out of its bounds; names each.
    """
    try:
        state = Path(overrides.get("state") or Settings(_env_file=SITE_FILE).state).absolute()
        return Settings(_env_file=(state / STACK_FILE, SITE_FILE), **(overrides | {"state": state}))
    except ValidationError as error:
        wrong = "; ".join(f"{PREFIX}{e['loc'][0]!s}".upper() + f": {e['msg']}" for e in error.errors())
        raise Misconfigured(f"Settings are not valid: {wrong}.", "Correct them in settings.env.") from error


def example() -> str:
    """Text of settings.example.env: every setting with its meaning and its default."""
    lines = ["# Made by `python -m config.settings`. Copy to settings.env and uncomment what you change."]
    for name, field in Settings.model_fields.items():
        default = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
        lines += ["", f"# {field.description}", f"#{PREFIX}{name.upper()}={default}"]
    return "\n".join(lines) + "\n"


def environment(settings: Settings) -> dict[str, str]:
    """The environment in which child processes find the same settings. Each Part has two tasks: picture and speech."""
    values = {f"{PREFIX}{n.upper()}": _text(getattr(settings, n)) for n in Settings.model_fields}
    values["PREFECT_API_URL"] = settings.prefect_api_url
    values["PREFECT_TASKS_RUNNER_THREAD_POOL_MAX_WORKERS"] = str(2 * settings.parallel_parts)
    return os.environ | {name: value for name, value in values.items() if value}


def _text(value: Any) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)


if __name__ == "__main__":
    sys.stdout.write(example())
