"""Those who receive marked messages, in processes of their own: Python has one core for each."""

from __future__ import annotations

import multiprocessing
import select
import signal
import time
from array import array
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Callable, List, Sequence, Tuple, Union

from .child import BenchmarkError, die_with_parent
from .fleet import MARK
from .mqtt import MQTTClient
from .websocket import WebSocketClient

Source = Union[MQTTClient, WebSocketClient]
_CONTEXT = multiprocessing.get_context("fork")
_START_LIMIT = 60.0
_BUSY = 0.85


@dataclass
class Heard:
    """What one process, or several together, received."""

    seconds: List[float]
    """From publishing to having read, of every message of every source."""
    missing: int
    """Messages that a source has not received, summed over sources."""
    repeated: int
    last_missing: int
    """Those of the last round, one message of each device, that are missing: nothing newer has replaced them."""
    resyncs: int
    """How often a source was told that it had missed something."""
    reader_cpu: float
    """Share of a core that the process needed while messages came; of several, the largest."""

    @property
    def remark(self) -> str:
        """Says so when the readers and not what they read were too slow."""
        share = f"readers used up to {self.reader_cpu:.0%} of a core each"
        return f"Python could not keep up: {share}" if self.reader_cpu > _BUSY else share


class Listener:
    """A process that reads some sources until it has everything or is told to stop; a context manager."""

    def __init__(self, open_sources: Callable[[], Sequence[Source]], count: int, last: int) -> None:
        """Starts it and waits until all its sources are open.

        - `count`: so many messages are expected from each source; the last `last` of them are counted apart.
        """
        self._connection, theirs = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(target=_listen, args=(theirs, open_sources, count, last), daemon=True)
        self._process.start()
        theirs.close()
        try:
            self._receive(_START_LIMIT)
        except BaseException:
            self._end()
            raise

    def __enter__(self) -> Listener:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def result(self, deadline: float) -> Heard:
        """What it has heard when it has everything, or at a moment of `time.perf_counter()`."""
        if not self._connection.poll(max(0.0, deadline - time.perf_counter())):
            try:
                self._connection.send(None)
            except BrokenPipeError:
                pass  # it has just ended by itself
        return self._receive(30)

    def _receive(self, limit: float) -> Heard:
        if not self._connection.poll(limit):
            raise BenchmarkError(f"a reader said nothing for {limit:.0f} s")
        try:
            answer = self._connection.recv()
        except EOFError as error:
            raise BenchmarkError("a reader ended") from error
        if isinstance(answer, str):
            raise BenchmarkError(f"a reader failed: {answer}")
        if isinstance(answer, tuple):
            times, *rest = answer
            return Heard([each / 1e6 for each in array("I", times)], *rest)
        return answer

    def _end(self) -> None:
        self._connection.close()
        if self._process.is_alive():
            self._process.join(0.5)
            self._process.kill()
        self._process.join()


def together(all_heard: Sequence[Heard]) -> Heard:
    """What several processes heard."""
    return Heard(
        [each for heard in all_heard for each in heard.seconds],
        sum(heard.missing for heard in all_heard),
        sum(heard.repeated for heard in all_heard),
        sum(heard.last_missing for heard in all_heard),
        sum(heard.resyncs for heard in all_heard),
        max(heard.reader_cpu for heard in all_heard),
    )


def _listen(connection: Connection, open_sources: Callable[[], Sequence[Source]], count: int, last: int) -> None:
    """The life of such a process."""
    die_with_parent()
    # The benchmark ends us, in order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        sources = open_sources()
        connection.send(None)
        connection.send(_hear(connection, sources, count, last))
    except Exception as error:  # whatever it is, the benchmark tells it
        connection.send(f"{type(error).__name__}: {error}")


def _hear(
    connection: Connection, sources: Sequence[Source], count: int, last: int
) -> Tuple[bytes, int, int, int, int, float]:
    seen = {source.fileno(): bytearray(count) for source in sources}
    by_file = {source.fileno(): source for source in sources}
    times = array("I")
    repeated = resyncs = 0
    left = count * len(sources)
    first = latest = (0.0, 0.0)
    poll = select.epoll()
    for file in (connection.fileno(), *by_file):
        poll.register(file, select.EPOLLIN)
    while left > 0:
        ready = [file for file, _ in poll.poll()]
        if connection.fileno() in ready:
            break
        for file in ready:
            messages = by_file[file].take()
            now = time.perf_counter_ns()
            marks = seen[file]
            for message in messages:
                found = MARK.search(message)
                if found is None:
                    resyncs += b'"resync_required"' in message
                    continue
                number = int(found[1])
                repeated += marks[number]
                left -= not marks[number]
                marks[number] = 1
                times.append((now - int(found[2])) // 1000)
        if times:
            latest = (time.perf_counter(), time.process_time())
            first = first if first[0] else latest
    share = (latest[1] - first[1]) / max(0.001, latest[0] - first[0])
    last_missing = sum(marks[-last:].count(0) for marks in seen.values())
    return times.tobytes(), left, repeated, last_missing, resyncs, share
