"""The lines of a ledger, what they come to, and the file that holds them: one JSON object a line, one writer.

It outlives a crash: what a run that did not end had reserved counts as spent, and all that it spent counts against the
runs after it, until one of them ends.
"""

from __future__ import annotations

import errno
import json
import os
import stat
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from io import FileIO
from pathlib import Path

from pixelpact.contract.money import Amount, credits_of
from pixelpact.contract.parsing import parse
from pixelpact.errors import InvalidJson, PixelpactError

NOTHING = Amount()
TYPES = {"usd": (int, float), "pictures": (int,)}  # of an entry's fields; the others are text
BEGINNING = b'{"run": "'


@dataclass
class LedgerUnusable(PixelpactError):
    """A ledger file that cannot be opened, understood or written: nothing may be spent without it."""

    path: Path
    reason: str

    def __str__(self) -> str:
        return f"ledger {self.path}: {self.reason}"


@dataclass(frozen=True)
class Entry:
    """One line of a ledger file: nothing else is ever written. `id` is the reservation's."""

    run: str
    time: str
    event: str
    id: str
    model: str
    label: str
    usd: float
    pictures: int

    @property
    def amount(self) -> Amount:
        """The money and pictures of this line."""
        return Amount(credits_of(self.usd), self.pictures)


@dataclass(frozen=True)
class Account:
    """What counts as spent since the last run that ended, and what is reserved, by reservation."""

    spent: Amount = NOTHING
    reserved: Mapping[str, Amount] = field(default_factory=dict)

    @property
    def pending(self) -> Amount:
        """All that is reserved."""
        return sum(self.reserved.values(), NOTHING)

    @property
    def total(self) -> Amount:
        """Spent and reserved together: what a budget has to bear."""
        return self.spent + self.pending

    def after(self, entry: Entry) -> Account:
        """The account once this line is written. Raises KeyError for an event or a reservation that is not known."""
        return EVENTS[entry.event](self, entry)

    def settled(self, id: str, amount: Amount) -> Account:
        """The account with this amount spent in place of a reservation."""
        rest = dict(self.reserved)
        del rest[id]
        return Account(self.spent + amount, rest)


EVENTS: dict[str, Callable[[Account, Entry], Account]] = {
    # Whoever reserved before this run opened is gone, and may have been billed.
    "open": lambda account, _: Account(account.total),
    "reserve": lambda account, entry: Account(account.spent, {**account.reserved, entry.id: entry.amount}),
    "settle": lambda account, entry: account.settled(entry.id, entry.amount),
    "release": lambda account, entry: account.settled(entry.id, NOTHING),
    "close": lambda _account, _entry: Account(),
}


class LedgerFile:
    """A ledger on disk: what it held, read once, and the end that this run alone appends to."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with ExitStack() as undo:
            try:
                self._file = undo.enter_context(FileIO(path, "a+", opener=_private))
                _claim(self._file)
                _keep_name(path)
                self._file.seek(0)
                whole, newline, rest = self._file.readall().rpartition(b"\n")
                self.account = self._read(whole + newline)
                self.torn = bool(rest)
                self._cut(len(whole + newline), rest)
                os.fchmod(self._file.fileno(), 0o600)
            except OSError as reason:
                raise LedgerUnusable(path, str(reason.strerror)) from reason
            undo.pop_all()

    def append(self, entry: Entry) -> None:
        """Write a line, and return once it is on disk. After a failure nothing more is written."""
        line = json.dumps(asdict(entry)).encode() + b"\n"
        with ExitStack() as failed:
            # Also when interrupted: whether the line is on disk is not known then.
            failed.callback(self._file.close)
            try:
                if self._file.write(line) != len(line):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                os.fsync(self._file.fileno())
            except (OSError, ValueError) as reason:
                raise LedgerUnusable(self._path, f"cannot be written: {reason}") from reason
            failed.pop_all()

    def close(self, last: Entry) -> None:
        """Write the last line and let others write; once is enough."""
        if not self._file.closed:
            self.append(last)
            self._file.close()

    def _cut(self, end: int, rest: bytes) -> None:
        """Take off the line that a crash cut short: what it was to allow had not been sent. A stranger's file stays."""
        if rest[: len(BEGINNING)] != BEGINNING[: len(rest)]:
            raise LedgerUnusable(self._path, "its last line is not one that a run wrote")
        self._file.truncate(end)

    def _read(self, text: bytes) -> Account:
        account = Account()
        for number, line in enumerate(text.splitlines(), 1):
            try:
                account = account.after(_parsed(line))
            except (InvalidJson, ArithmeticError, KeyError, TypeError, ValueError) as reason:
                raise LedgerUnusable(self._path, f"line {number} is not one that a run wrote: {reason}") from reason
        return account


def _private(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)


def _claim(file: FileIO) -> None:
    """Be the one writer of a file, until it is closed."""
    # Not on every system, and a ledger in memory does without.
    import fcntl

    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        raise OSError(0, "expected a regular file")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as reason:
        raise OSError(reason.errno, "another run is writing to it") from reason


def _keep_name(path: Path) -> None:
    """Have the folder on disk too: a file that was made just now is not found after a power cut otherwise."""
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _parsed(line: bytes) -> Entry:
    entry = Entry(**parse(line))
    for name, value in asdict(entry).items():
        if type(value) not in TYPES.get(name, (str,)):
            raise TypeError(f"{name} is {value!r}")
    return entry
