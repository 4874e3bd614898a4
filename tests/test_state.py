"""The state of tenants in the memory of one process: changed by one at a time, and never without bounds."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from http import HTTPStatus
from time import sleep
from typing import Any

import pytest
from pixelpact.pixels.values import Recipe, Size
from pixelpact.service.journal import Entry
from pixelpact.service.mock import build
from pixelpact.service.settings import Beginning, Settings
from pixelpact.service.state import Memory, MemoryPlaces, Room
from pixelpact.service.statepages import MemoryPages
from pixelpact.service.stateparts import begun, in_memory
from pixelpact.service.tenants import MOST_TENANTS, MemoryRegister, Tenant

NOON = datetime(2026, 8, 21, 12, tzinfo=UTC)
LARGE = "x" * 1000


def entry(number: int = 0, recipe: Recipe | None = None, **facts: Any) -> Entry:
    return Entry("api", NOON, f"id-{number}", "POST", "/", 200, 5.0, facts, recipe)


def ids(pages: MemoryPages) -> list[str]:
    return [each.request_id for each in pages.entries()]


def registered(room: Room) -> Callable[[str], Tenant]:
    """A register of tenants whose journals share a room, each for one call."""
    mock = build(Settings())
    mock.uploads.close()
    sample = mock.tenants.strangers

    def make(name: str) -> Tenant:
        parts = in_memory(begun(Beginning(), (), lambda: NOON), room)
        journal = type(sample.journal)(lambda _: b"", pages=parts.pages)
        return Tenant(
            name, Beginning(), journal, sample.faults, sample.clock, sample.credits, sample.limits, sample.models
        )

    return MemoryRegister(make, room).call


def test_steps_of_many_threads_follow_one_another() -> None:
    cell = Memory(0)

    def slow(value: int) -> int:
        sleep(0.001)
        return value + 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: cell.change(slow), range(40)))
    assert cell.value == 40


def test_a_step_that_fails_changes_nothing_and_holds_up_nobody() -> None:
    cell = Memory(1)
    with pytest.raises(ZeroDivisionError):
        cell.change(lambda value: value // 0)
    assert cell.change(lambda value: value + 1) == 2


def test_a_place_is_given_back_once_by_many_threads() -> None:
    places = MemoryPlaces()
    leave, _ = places.take(None), places.take(None)
    assert leave is not None
    threads = [threading.Thread(target=leave) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert places.taken == 1


def test_pages_hold_so_many_calls() -> None:
    pages = MemoryPages(most=3)
    for number in range(5):
        pages.append(entry(number))
    assert (ids(pages), pages.dropped()) == (["id-2", "id-3", "id-4"], 2)


@pytest.mark.parametrize("where", ["facts", "prompt"])
def test_pages_hold_so_many_bytes_and_the_last_call_whatever_its_size(where: str) -> None:
    recipe = Recipe("m", LARGE, 1, Size(8, 8))

    def large(number: int) -> Entry:
        return entry(number, text=LARGE) if where == "facts" else entry(number, recipe)

    pages = MemoryPages(most_bytes=5000)
    for number in range(20):
        pages.append(large(number))
    assert ids(pages) == ["id-17", "id-18", "id-19"]
    pages.append(entry(20, text=LARGE * 50))
    assert ids(pages) == ["id-20"]


def test_facts_of_any_kind_are_weighed() -> None:
    pages = MemoryPages(most_bytes=3000)
    for number in range(9):
        pages.append(entry(number, status=HTTPStatus.OK, text=LARGE))
    assert 1 <= len(ids(pages)) < 3


def test_a_room_knows_what_is_cleared_and_dropped() -> None:
    room = Room(most=4000)
    pages = MemoryPages(most=2, room=room)
    for number in range(50):
        pages.append(entry(number, text=LARGE))
    assert not room.is_full
    other = MemoryPages(room=room)
    other.append(entry(text=LARGE))
    assert room.is_full
    pages.clear()
    assert not room.is_full


def test_of_all_journals_together_those_not_used_for_longest_are_emptied_first() -> None:
    call = registered(Room(most=10_000))
    tenants = [call(f"tenant-{number}") for number in range(10)]
    for tenant in tenants:
        call(tenant.name).journal.append(entry(text=LARGE))
    call("one-more")
    kept = [len(tenant.journal) for tenant in tenants]
    assert kept == sorted(kept)
    assert 1 < sum(kept) < 10


def test_of_more_than_a_thousand_tenants_the_first_are_forgotten() -> None:
    mock = build(Settings())
    first = mock.tenants.admit({"authorization": "Bearer first"})
    held = mock.tenants.hold("held")
    for number in range(MOST_TENANTS):
        mock.tenants.admit({"authorization": f"Bearer key-{number}"})
    assert (mock.tenants.known(first.name), mock.tenants.known(held.name)) == (None, held)
    mock.uploads.close()


def test_a_stranger_is_no_tenant_that_a_link_could_name() -> None:
    mock = build(Settings())
    assert mock.tenants.known("") is None
    mock.uploads.close()


def test_with_one_tenant_every_key_is_it() -> None:
    mock = build(Settings(one_tenant=True))
    one, other = (mock.tenants.admit({"authorization": f"Bearer {key}"}) for key in "ab")
    assert one is other is mock.tenants.strangers is mock.tenants.hold("c") is mock.tenants.known(one.name)
    one.clock.advance(hours=1)
    mock.tenants.let_go(one)
    assert mock.tenants.admit({"authorization": "Bearer a"}).clock.ahead.total_seconds() == 0
    mock.uploads.close()
