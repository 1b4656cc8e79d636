"""Sessions: a lost one is announced, seats are limited, pages kept warm follow the store."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from workbench.locale import texts


def _until(condition, seconds: float = 30) -> None:
    """Waits for something outside the browser."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def _kernel(page) -> str:
    return page.evaluate("JSON.parse(document.getElementById('jupyter-config-data').textContent).kernelId")


def _pid(site, kernel: str) -> int:
    return next(pid for pid in site.kernels() if kernel in Path(f"/proc/{pid}/cmdline").read_text())


def _opened(site, page) -> None:
    page.goto(site.app())
    page.get_by_role("button", name="go").wait_for()


def test_a_killed_kernel_is_announced_and_a_reload_helps(site, open_page):
    page = open_page()
    _opened(site, page)
    page.locator("html[data-cxw-session=fine]").wait_for()
    assert page.locator(".cxw-banner").count() == 0
    page.watched.lost()
    os.kill(_pid(site, _kernel(page)), signal.SIGKILL)
    banner = page.get_by_role("alert")
    banner.get_by_text(texts("en")("server.session_ended")).wait_for()
    page.get_by_role("button", name="PL").click()
    banner.get_by_text(texts("pl")("server.session_ended")).wait_for()
    banner.get_by_role("button").click()
    page.locator("html[data-cxw-session=fine]").wait_for()


def test_an_ended_kernel_is_announced(site, open_page):
    page = open_page()
    _opened(site, page)
    page.watched.lost()
    page.evaluate("id => fetch(`/voila/api/shutdown/${id}`, {method: 'POST'})", _kernel(page))
    page.get_by_text(texts("en")("server.session_ended")).wait_for()


def test_a_busy_kernel_is_not_taken_for_a_dead_one(site, open_page):
    page = open_page()
    _opened(site, page)
    page.locator("html[data-cxw-session=fine]").wait_for()
    pid = _pid(site, _kernel(page))
    os.kill(pid, signal.SIGSTOP)  # it hears nothing and says nothing; the server still has it as idle, then as busy
    os.kill(pid, signal.SIGCONT)
    page.locator("html[data-cxw-session=fine]").wait_for()
    assert page.locator(".cxw-banner").count() == 0


def test_a_lost_server_is_announced(start, open_page, probe_folder):
    own = start(probe_folder, pool=1)
    page = open_page(home=own.url)
    _opened(own, page)
    page.watched.lost()
    own.server.stop()
    page.get_by_text(texts("en")("server.session_lost")).wait_for()


def test_ending_the_server_ends_its_kernels(start, probe_folder):
    own = start(probe_folder, pool=2)
    _until(lambda: len(own.kernels()) == 2)
    kernels = own.kernels()
    own.server.stop()
    _until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in kernels))


def test_a_killed_server_leaves_no_kernel_behind(start, probe_folder):
    own = start(probe_folder, pool=1)
    _until(lambda: len(own.kernels()) == 1)
    kernels = own.kernels()
    own.server.process.kill()
    _until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in kernels))


def test_seats_are_limited_and_become_free_again(start, open_page, probe_folder):
    own = start(probe_folder, seats=2, pool=1)
    first, second, third = (open_page(home=own.url) for _ in range(3))
    _opened(own, first)
    _opened(own, second)
    _until(lambda: len(own.kernels()) == 2)
    third.goto(own.app(rest="#lang=ru"))
    third.get_by_role("heading", name=texts("ru")("server.error_503_title")).wait_for()
    assert own.get("voila/render/90_probe.ipynb", token=True)[0] == 503
    assert len(own.kernels()) == 2
    third.watched.forget()

    gone = _pid(own, _kernel(first))
    first.close(run_before_unload=True)  # the page says goodbye, its kernel ends
    _until(lambda: gone not in own.kernels())
    third.get_by_role("button", name=texts("ru")("server.retry")).click()
    third.get_by_role("button", name="go").wait_for(timeout=60_000)
    assert len(own.kernels()) <= 2


def test_a_pool_that_could_not_be_filled_is_filled_later(start, open_page, probe_folder):
    own = start(probe_folder, seats=2, pool=1)
    first, second = (open_page(home=own.url) for _ in range(2))
    _opened(own, first)
    _until(lambda: len(own.kernels()) == 2)  # the pool again
    _opened(own, second)  # takes it; nothing is left to fill the pool with
    assert own.get("voila/render/90_probe.ipynb", token=True)[0] == 503
    kept = _pid(own, _kernel(second))
    first.close(run_before_unload=True)
    _until(lambda: len(own.kernels()) == 2 and kept in own.kernels() and _kernel(second))
    _until(lambda: len(own.kernels()) == 2)


def test_a_page_kept_warm_gives_way_to_a_person(start, open_page, tmp_path, probe_folder):
    import shutil

    for name in ("10_one", "20_two"):
        shutil.copy(probe_folder / "90_probe.ipynb", tmp_path / f"{name}.ipynb")
    own = start(tmp_path, seats=3, pool=1)
    _until(lambda: len(own.kernels()) == 2)
    for _ in range(3):  # three people for the first notebook: the second one's warm page gives up its seat
        page = open_page(home=own.url)
        page.goto(own.app("10_one"))
        page.get_by_role("button", name="go").wait_for(timeout=60_000)
    assert len(own.kernels()) == 3
    assert own.get("voila/render/20_two.ipynb", token=True)[0] == 503


def test_what_nobody_uses_is_ended(start, open_page, probe_folder):
    own = start(probe_folder, seats=3, pool=0, idle_s=1, alone_s=60, cull_s=1)
    page = open_page(home=own.url)
    _opened(own, page)
    page.locator("html[data-cxw-session=fine]").wait_for()
    assert len(own.kernels()) == 1
    hide = "value => Object.defineProperty(document, 'hidden', {value, configurable: true})"
    page.watched.lost()
    page.evaluate(hide, True)  # a page in the background does not ping
    _until(lambda: own.kernels() == [])
    page.evaluate(hide, False)
    page.get_by_text(texts("en")("server.session_ended")).wait_for()


def test_what_nobody_is_connected_to_is_ended(start, probe_folder):
    own = start(probe_folder, seats=3, pool=0, alone_s=1, cull_s=1)
    assert own.get("voila/render/90_probe.ipynb", token=True)[0] == 200  # as the preview of a link does
    _until(lambda: own.kernels() == [])


def test_a_closed_page_ends_its_kernel_at_once(start, open_page, probe_folder):
    own = start(probe_folder, seats=3, pool=0, alone_s=600)
    page = open_page(home=own.url)
    _opened(own, page)
    kernel = _kernel(page)
    cookie = "; ".join(f"{one['name']}={one['value']}" for one in page.context.cookies())
    for origin in ({}, {"Origin": "http://elsewhere.example"}):  # not from a page of ours, though with its cookies
        assert own.get(f"voila/api/shutdown/{kernel}", data=b"", headers={"Cookie": cookie} | origin)[0] in (403, 404)
    assert len(own.kernels()) == 1
    page.goto("about:blank")
    _until(lambda: own.kernels() == [])


def test_warm_pages_follow_the_store(start, probe_folder, tmp_path):
    store = tmp_path / "store"
    store.mkdir()
    own = start(probe_folder, pool=1, store=str(store))
    _until(lambda: len(own.kernels()) == 1)
    before = own.kernels()
    (store / "CURRENT").write_text("2")
    _until(lambda: len(own.kernels()) == 1 and own.kernels() != before)
