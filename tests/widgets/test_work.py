"""Work beside the page, on a clock that the test moves by hand."""

from __future__ import annotations

import asyncio
import threading

import pytest

from widgets.texts_view import StatusLine
from widgets.work import AtOnce, OnLoop, Worker, clock
from workbench.errors import BadInput, Cancelled
from workbench.locale import texts


class Handle:
    def __init__(self) -> None:
        self.dropped = False

    def cancel(self) -> None:
        self.dropped = True


class ByHand:
    """Time passes by `pass_(seconds)`, jobs run by `run()`."""

    def __init__(self) -> None:
        self.now, self.timers, self.jobs = 0.0, [], []

    def after(self, seconds, call):
        handle = Handle()
        self.timers.append((self.now + seconds, call, handle))
        return handle

    def work(self, job, done):
        self.jobs.append((job, done))

    def soon(self, call):
        call()

    def pass_(self, seconds):
        self.now += seconds
        due = [one for one in self.timers if one[0] <= self.now]
        self.timers = [one for one in self.timers if one[0] > self.now]
        for _, call, handle in due:
            if not handle.dropped:
                call()

    def run(self):
        job, done = self.jobs.pop(0)
        done(job())


@pytest.fixture
def hand():
    return ByHand()


@pytest.fixture
def worker(hand):
    status = StatusLine()
    made = Worker(hand, status, lambda: texts("en"))
    made.status = status
    return made


def test_only_the_last_of_many_changes_is_asked(worker, hand):
    asked = []
    for i in range(5):
        worker.later("main", lambda i=i: asked.append(i))
        hand.pass_(0.1)
    assert asked == []
    hand.pass_(0.2)
    assert asked == [4]


def test_busy_shows_after_a_moment_only(worker, hand):
    worker.do("main", lambda task: 1, lambda result: None)
    hand.pass_(0.2)
    assert worker.status.kind == "quiet"
    hand.pass_(0.2)
    assert (worker.status.kind, worker.status.can_cancel) == ("busy", True)
    hand.run()
    assert (worker.status.kind, worker.working) == ("quiet", False)


def test_progress_is_shown(worker, hand):
    def job(task):
        task.progress(0.4, "reading")
        seen.append((worker.status.message, worker.status.share))

    seen = []
    worker.do("main", job, lambda result: None)
    hand.run()
    assert seen == [("reading", 0.4)]


def test_a_newer_job_stops_the_older_and_only_its_result_counts(worker, hand):
    got, stopped = [], []

    def first(task):
        task.stoppers.append(lambda: stopped.append(task))
        return "old"

    worker.do("main", first, got.append)
    job, done = hand.jobs.pop(0)
    result = job()  # under way …
    worker.do("main", lambda task: "new", got.append)
    done(result)  # … and comes back late
    hand.run()
    assert (got, len(stopped)) == (["new"], 1)


def test_a_job_replaced_before_it_began_never_runs(worker, hand):
    ran = []
    worker.do("main", lambda task: ran.append("old"), lambda result: None)
    worker.do("main", lambda task: ran.append("new"), lambda result: None)
    hand.run(), hand.run()
    assert ran == ["new"]


def test_what_is_dropped_is_stopped_and_never_told(worker, hand):
    got, asked = [], []
    worker.do("main", lambda task: asked.append(task.cancel.is_set()) or "late", got.append)
    hand.pass_(0.4)
    assert worker.status.kind == "busy"
    worker.later("main", lambda: got.append("later"))
    worker.drop("main")
    assert worker.status.kind == "quiet" and not worker.working
    hand.pass_(0.4)
    hand.run()
    assert (got, asked) == ([], [])  # it had not begun
    worker.drop("nothing")


def test_slots_do_not_replace_each_other(worker, hand):
    got = []
    worker.do("main", lambda task: "a", got.append)
    worker.do("who", lambda task: "b", got.append)
    hand.run(), hand.run()
    assert got == ["a", "b"]


def test_cancel_stops_and_says_so(worker, hand, said):
    stopped, got = [], []

    def job(task):
        task.stoppers.append(lambda: stopped.append(1))
        said(worker.status, type="cancel")
        assert task.cancel.is_set()
        raise Cancelled("sources.cancelled")

    worker.do("main", job, got.append)
    hand.run()
    assert (stopped, got, worker.status.kind) == ([1], [], "note")


def test_an_error_of_ours_is_one_line_in_the_language_of_the_page(worker, hand):
    def job(task):
        raise BadInput("bad_moment", asked="'x'")

    worker.do("main", job, lambda result: None)
    hand.run()
    assert worker.status.kind == "error"
    assert worker.status.message.startswith("'x' is not a date or time")
    lines = []
    worker.do("main", job, lambda result: None, lines.append)
    hand.run()
    assert len(lines) == 1 and worker.status.kind == "quiet"


def test_anything_else_is_unexpected_with_the_id_of_the_log(worker, hand, caplog):
    worker.do("main", lambda task: 1 / 0, lambda result: None)
    hand.run()
    number = caplog.records[-1].args[0]
    assert number in worker.status.message and "ZeroDivisionError" in caplog.text and "Zero" not in worker.status.message


def test_a_mistake_while_showing_is_told_too(worker, hand, caplog):
    worker.do("main", lambda task: 1, lambda result: 1 / 0)
    hand.run()
    assert worker.status.kind == "error" and not worker.working


def test_without_a_loop_all_happens_at_once():
    assert isinstance(clock(), AtOnce)
    got = []
    worker = Worker(AtOnce(), StatusLine(), lambda: texts("en"))
    worker.later("main", lambda: worker.do("main", lambda task: 2, got.append))
    assert got == [2]


def test_in_a_kernel_the_job_is_elsewhere_and_the_rest_on_the_main_thread():
    async def run():
        made, threads = clock(), []
        assert isinstance(made, OnLoop)
        over = asyncio.Event()
        made.work(
            lambda: threads.append(threading.current_thread()),
            lambda _: (threads.append(threading.current_thread()), over.set()),
        )
        await asyncio.wait_for(over.wait(), 5)
        return threads

    job, done = asyncio.run(run())
    assert job is not threading.main_thread() and done is threading.main_thread()
