"""What may be reached, and what is refused however it is written."""

from ipaddress import ip_address

import pytest

from core import names
from core.errors import AddressRefused, InvalidInput, SourceUnavailable
from core.outside import addresses
from core.outside.addresses import Place, Rules, parse

PRIVATE = [
    "127.0.0.1",
    "127.8.8.8",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "198.18.0.1",
    "192.0.2.1",
    "224.0.0.1",
    "239.1.2.3",
    "240.0.0.1",
    "255.255.255.255",
    "0.0.0.0",
    "::",
    "::1",
    "::127.0.0.1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::127.0.0.1",
    "64:ff9b::10.0.0.1",
    "64:ff9b:1::10.0.0.1",
    "2002:7f00:1::1",
    "2002:a00:1::1",
    "2001:0:7f00:1::1",
    "2001:db8::1",
]
PUBLIC = ["8.8.8.8", "193.166.3.2", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2001:708::1", "2a00:1450::1"]
WRITTEN = [
    "http://127.0.0.1/live.m3u8",
    "HTTP://127.0.0.1:8080/",
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f.0.0.1/",
    "http://0177.0.0.1/",
    "http://0/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://localhost/",
    "http://LOCALHOST/",
    "http://example.org@127.0.0.1/",
    "http://example.org:80@127.0.0.1:81/",
    "https://169.254.169.254/latest/meta-data/",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_public(address: str) -> None:
    assert not addresses.is_public(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_public(address: str) -> None:
    assert addresses.is_public(ip_address(address))


@pytest.mark.parametrize("url", WRITTEN)
def test_a_private_address_is_refused_however_it_is_written(url: str) -> None:
    with pytest.raises(AddressRefused, match="an address of this machine or of a private network") as raised:
        Rules().require(url)
    assert names.shown(url) in raised.value.what
    assert "MAASEUTU_PRIVATE_SOURCES" in raised.value.cure


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "FILE:///etc/passwd",
        "data:text/plain,hello",
        "concat:http://127.0.0.1/a|http://127.0.0.1/b",
        "ftp://8.8.8.8/a",
        "gopher://8.8.8.8/",
        "crypto:http://8.8.8.8/",
        "hls+http://8.8.8.8/",
        " http://8.8.8.8/",
        "/etc/passwd",
        "",
    ],
)
def test_other_kinds_of_addresses_are_not_opened(url: str) -> None:
    with pytest.raises(AddressRefused, match="is not opened: only http:// and https:// are"):
        Rules().require(url)


@pytest.mark.parametrize(
    "url", ["http://", "http:///a", "http://[half/a", "http://8.8.8.8:port/", "http://8.8.8.8:99999/"]
)
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(InvalidInput, match="is not an address"):
        Rules().require(url)


def test_a_host_that_is_not_known() -> None:
    with pytest.raises(SourceUnavailable, match=r"http://nowhere\.invalid/ does not answer"):
        Rules().require("http://nowhere.invalid/")


def test_public_addresses_need_no_rule() -> None:
    assert Rules().require("https://8.8.8.8/a") == [ip_address("8.8.8.8")]
    assert Rules().require("https://[2001:708::1]:8443/a") == [ip_address("2001:708::1")]


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("127.0.0.0/8", "http://127.9.9.9:1234/"),
        ("127.0.0.1", "http://127.0.0.1:1234/"),
        ("127.0.0.1:1234", "http://127.0.0.1:1234/"),
        ("127.0.0.1", "http://[::ffff:127.0.0.1]/"),
        ("::1", "http://[::1]:80/"),
        ("[::1]:81", "http://[::1]:81/"),
        ("fd00::/8, 10.0.0.0/8", "http://10.1.2.3/"),
        ("localhost", "http://localhost/"),
        ("LocalHost:99", "http://LOCALHOST:99/"),
        ("127.0.0.1:443", "https://127.0.0.1/"),
    ],
)
def test_what_the_operator_allows(text: str, url: str) -> None:
    assert parse(text).require(url)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("127.0.0.1", "http://127.0.0.2/"),
        ("127.0.0.1:1234", "http://127.0.0.1:1235/"),
        ("127.0.0.1:80", "https://127.0.0.1/"),
        ("10.0.0.0/8", "http://127.0.0.1/"),
        ("localhost", "http://127.0.0.1/"),
        ("localhost", "http://localhost.localhost/"),
        ("localhost:80", "http://localhost:81/"),
        ("", "http://127.0.0.1/"),
    ],
)
def test_what_is_allowed_is_just_that(text: str, url: str) -> None:
    with pytest.raises((AddressRefused, SourceUnavailable)):
        parse(text).require(url)


def test_rules_as_they_are_written() -> None:
    assert parse("") == parse(" , ") == Rules()
    assert parse("10.1.2.0/24, Kamera.Kunta.fi:8080").places == (
        Place("10.1.2.0/24"),
        Place("kamera.kunta.fi", 8080),
    )


@pytest.mark.parametrize(
    "text",
    [
        "10.1.2.3/24",
        "10.0.0.0/8:80",
        "http://kunta.fi",
        "kunta.fi/a",
        "kunta fi",
        "a:b",
        "me@kunta.fi",
        "*",
        "a:0",
        "[::1",
    ],
)
def test_rules_that_say_nothing(text: str) -> None:
    with pytest.raises(ValueError, match=".+"):
        parse(f"127.0.0.1,{text}")
