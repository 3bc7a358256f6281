"""What members read, in an e-mail or in a program of theirs. Pure."""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from config import catalogue
from core import keys
from core.models import Quote
from core.telling.members import Asked, Member, Wish
from core.telling.news import News
from core.telling.post import Letter
from core.text import mentions
from web.links import Links
from web.render import called, rendered
from web.strings import Strings
from web.views import seconds

QUOTES = 5
"""So many of one broadcast; the page of the municipality has all."""


class Said(NamedTuple):
    """A quote as it is shown: when it was said, by whom if that is known, what, and the address of that moment."""

    at: str
    who: str
    text: str
    link: str


class Block(NamedTuple):
    """A piece of news as it is shown; ``more`` tells of quotes that are not. ``language`` is the broadcast's."""

    heading: str
    lines: tuple[str, ...]
    said: tuple[Said, ...]
    more: str
    link: str
    link_text: str
    language: str


def digest(news: Sequence[News], member: Member, every: Mapping[str, Strings], links: Links, leave: str) -> Letter:
    """A letter with all of the news, in the member's language; ``leave`` is the address by which they leave."""
    strings = every[member.language]
    # Where a municipality was mentioned or a topic discussed in a new recording, that says it all.
    mentioned = {each.broadcast for each in news if each.quotes}
    told = [each for each in news if each.kind is not Wish.PUBLISHED or each.broadcast not in mentioned]
    blocks = [_block(each, strings, links) for each in told]
    one = len(blocks) == 1
    subject = blocks[0].heading if one else strings("letters.several", count=len(blocks), first=blocks[0].heading)
    why = strings("letters.why", date=strings.date(member.consented_at))
    end = {"why": why, "leave": leave, "change": links.to(f"{strings.folder}{keys.SUBSCRIBE}")}
    html = rendered("letter.html", strings, "", title=subject, blocks=blocks, **end)
    lines = [line for block in blocks for line in (*_plain(block), "")]
    footer = [
        "-- ",
        why,
        strings("letters.change_at", link=end["change"]),
        strings("letters.leave_at", link=leave),
    ]
    return Letter(subject, "\n".join([*lines, *footer]) + "\n", html, strings.lang, leave)


def confirmation(asked: Asked, every: Mapping[str, Strings], link: str) -> Letter:
    """The letter that asks whether an address is that of who gave it."""
    strings = every[asked.language]
    subject = strings("letters.confirm_subject")
    wishes = [strings(f"subscribe.wish_{wish}") for wish in asked.wishes]
    named = towns(asked.municipalities, strings)
    lines = [strings("letters.confirm"), "", *(f"- {wish}" for wish in wishes)]
    lines += ["", f"{strings('subscribe.municipalities')}: {', '.join(named)}"] if named else []
    lines += ["", f"{strings('subscribe.topics')}: {', '.join(asked.topics)}"] if asked.topics else []
    lines += ["", strings("letters.confirm_link"), link, "", strings("letters.confirm_else")]
    html = rendered("confirmation.html", strings, "", title=subject, wishes=wishes, towns=named, asked=asked, link=link)
    return Letter(subject, "\n".join(lines) + "\n", html, strings.lang)


def towns(codes: Iterable[str], strings: Strings) -> list[str]:
    """Names of municipalities by their codes."""
    return [called(_name(code), strings.lang) for code in codes]


def payload(news: Sequence[News], every: Mapping[str, Strings], links: Links, leave: str, at: str) -> bytes:
    """The same news for a program, as JSON; docs/api.md describes it."""
    strings = next(iter(every.values()))
    told = {"items": [_item(each, strings, links) for each in news], "leave": leave}
    return json.dumps({"type": "maaseutu.news", "timestamp": at, "data": told}, ensure_ascii=False).encode()


def _item(news: News, strings: Strings, links: Links) -> dict[str, Any]:
    return {
        "kind": news.kind.value,
        "broadcast": news.broadcast,
        "title": news.title,
        "programme": news.programme,
        "starts_at": news.starts_at.isoformat(),
        "cancelled": news.is_cancelled,
        "municipality": news.code or None,
        "topic": news.topic or None,
        "checked_by": news.by or None,
        "quotes": [
            {
                "at_ms": quote.at_ms,
                "speaker": quote.speaker or None,
                "text": quote.text,
                "url": links.moment(news.broadcast, quote.at_ms),
            }
            for quote in news.quotes
        ],
        "url": links.episode(news.broadcast),
    }


def _block(news: News, strings: Strings, links: Links) -> Block:
    page = links.to(strings.folder + keys.page(news.broadcast))
    kind = "cancelled" if news.is_cancelled else "changed" if news.revision else news.kind.value
    town = called(_name(news.code), strings.lang) if news.code else ""
    lines = {
        Wish.PLANNED: (strings.when(news.starts_at), news.about),
        Wish.CHECKED: (strings("letters.checked_by", by=news.by), strings.when(news.starts_at)),
    }.get(news.kind, (strings.when(news.starts_at),))
    more = len(news.quotes) - QUOTES
    return Block(
        heading=strings(f"letters.{kind}", title=news.title, town=town, topic=news.topic),
        lines=tuple(line for line in lines if line),
        said=tuple(_said(quote, page, strings) for quote in news.quotes[:QUOTES]),
        more=strings("letters.more", count=more) if more > 0 else "",
        link=page,
        link_text=strings("letters.page" if news.kind is Wish.PLANNED else "letters.watch"),
        language=news.language,
    )


def _said(quote: Quote, page: str, strings: Strings) -> Said:
    return Said(
        strings.position(quote.at_ms),
        quote.speaker and f"{quote.speaker}:",
        quote.text,
        f"{page}#t={seconds(quote.at_ms)}",
    )


def _plain(block: Block) -> list[str]:
    said = [
        line
        for each in block.said
        for line in (f"  {each.at}  {each.who and f'{each.who} '}”{each.text}”", f"        {each.link}")
    ]
    return [block.heading, *block.lines, *said, *filter(None, [block.more]), f"{block.link_text}: {block.link}"]


def _name(code: str) -> str:
    return _names().get(code, code)


@cache
def _names() -> dict[str, str]:
    return {each.code: each.name_fi for each in mentions.municipalities(catalogue.MUNICIPALITIES)}
