"""What an éditeur sees before choosing a block: what it is for, and what it looks like."""

import re

import pytest
from wagtail.blocks import Block, StreamBlock

from knowledge.models import GuidePage
from portal.accounts.roles import Role
from portal.pages.models import HomePage, StandardPage
from tests.pages.people import browser_of

STREAMS = {
    "guide": GuidePage._meta.get_field("body").stream_block,
    "page": StandardPage._meta.get_field("body").stream_block,
    "home": HomePage._meta.get_field("actions").stream_block,
}


def blocks() -> list[tuple[str, Block]]:
    return [
        (f"{place}-{name}", block)
        for place, stream in STREAMS.items()
        for name, block in stream.child_blocks.items()
    ]


@pytest.mark.parametrize("stream", STREAMS.values(), ids=STREAMS)
def test_every_block_says_in_french_what_it_is_for(stream: StreamBlock) -> None:
    silent = [name for name, block in stream.child_blocks.items() if not block.get_description()]
    assert silent == []
    sentences = [block.get_description() for block in stream.child_blocks.values()]
    assert [text for text in sentences if not re.search(r"[.…]$", str(text))] == []


@pytest.mark.parametrize("block", [one for _, one in blocks()], ids=[name for name, _ in blocks()])
def test_every_block_shows_what_it_looks_like(content: int, block: Block) -> None:
    assert block.is_previewable
    address = f"/gestion/block-preview/?id={block.definition_prefix}"
    answer = browser_of(Role.EDITOR).get(address)
    html = answer.content.decode()
    assert (answer.status_code, "css/site.css" in html or "css/site." in html) == (200, True)
    text = re.sub(r"<[^>]+>", " ", html.split("<main>")[1]).split()
    assert len(text) > 3


def test_previews_are_for_those_who_write(content: int) -> None:
    block = STREAMS["guide"].child_blocks["notice"]
    address = f"/gestion/block-preview/?id={block.definition_prefix}"
    roles = (Role.EDITOR, Role.MODERATOR, Role.OPERATOR, Role.ADMINISTRATOR)
    assert [browser_of(role).get(address).status_code for role in roles] == [200, 200, 302, 302]
