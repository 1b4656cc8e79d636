"""Voila with our landing page, a health address and nothing that we don't need."""

from __future__ import annotations

import json
import logging

import jinja2
from jupyter_server import DEFAULT_TEMPLATE_PATH_LIST
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_path_join
from tornado import web
from tornado.ioloop import PeriodicCallback
from voila.app import Voila
from voila.handler import BaseVoilaHandler
from voila.shutdown_kernel_handler import VoilaShutdownKernelHandler
from voila.static_file_handler import TemplateStaticFileHandler

from widgets.server import policy
from widgets.server.chrome import script_json
from widgets.server.headlines import Companies
from widgets.server.options import STATIC, Served

# Listings of folders, the newer landing page: not served; the last one: served by Leave.
LEFT_OUT = ("/voila/tree", "/voila/api/contents", "/voila/query/", "/voila/api/shutdown/")
FOLLOW_S = 3  # how often the store is looked at


def _is_news(record: logging.LogRecord) -> bool:
    # Tornado reads Jupyter's milliseconds between pings as seconds, and complains; Jupyter's own pings are the ones that count
    return "websocket_ping_timeout" not in record.getMessage()


class Health(web.RequestHandler):
    """Says that the server is there; starts no kernel, needs no token, tells nothing else."""

    def get(self) -> None:
        self.set_header("Content-Type", "application/json")
        self.set_header("Cache-Control", "no-store")
        self.finish('{"status": "ok"}')


class Landing(BaseVoilaHandler):
    """Which companies there are, and one card per app, each with a live figure of the chosen one."""

    @web.authenticated
    async def get(self) -> None:
        known = self.settings["cxw_headlines"].known
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.finish(self.render_template("tree.html", headlines_json=script_json(known)))


class HeadlinesHandler(JupyterHandler):
    """The figures of a company that can be chosen as JSON, as soon as they are there; null if they can't be had."""

    @web.authenticated
    async def get(self) -> None:
        known = await self.settings["cxw_headlines"].wait(self.get_query_argument("company", ""))
        self.set_header("Content-Type", "application/json")
        self.set_header("Cache-Control", "no-store")
        self.finish(json.dumps(known))


class Leave(VoilaShutdownKernelHandler):
    """A page that is closed ends its kernel. It can send no header along, so Voila's own handler refuses it as soon as a
    token is asked for; here its origin, its cookie and the kernel's id, which nobody can guess, stand for the header."""

    def check_xsrf_cookie(self) -> None:
        if not (self.request.headers.get("Origin") and self.check_origin()):
            raise web.HTTPError(403)


class Templates(TemplateStaticFileHandler):
    """The templates' files; an address that names none is not found, where Voila's own handler breaks."""

    def parse_url_path(self, path: str) -> str:
        parts = path.split("/")
        if len(parts) < 3 or parts[1] != "static" or {"", ".", ".."} & {*parts} or "\\" in path:
            raise web.HTTPError(404)
        return super().parse_url_path(path)


class Nothing(BaseVoilaHandler):
    """Every other address: our own words instead of the server's."""

    async def prepare(self) -> None:
        await super().prepare()
        raise web.HTTPError(404)


class Workbench(Voila):
    """Standalone Voila, so that a viewer can't execute anything."""

    def __init__(self, served: Served, cxw: dict, **kwargs):
        super().__init__(**kwargs)
        self.served, self.cxw = served, cxw

    def setup_template_dirs(self) -> None:
        super().setup_template_dirs()
        self.static_paths.insert(0, str(STATIC))

    def init_settings(self) -> dict:
        settings = super().init_settings()
        env = settings["voila_jinja2_env"]
        env.loader = jinja2.ChoiceLoader([env.loader, jinja2.FileSystemLoader(DEFAULT_TEMPLATE_PATH_LIST)])
        self.headlines = Companies(self.served)
        env.globals["cxw"] = self.cxw | {"companies": self.headlines.names}
        logging.getLogger("tornado.general").addFilter(_is_news)
        return settings | {
            "jinja2_env": env,
            "transforms": [policy.Policy],
            "allow_remote_access": not self.served.local,
            "local_hostnames": ["localhost", *self.served.names],
            "cxw_headlines": self.headlines,
        }

    def init_handlers(self) -> list:
        """Voila's addresses less those left out, then ours; anything else is a 404 in our own words."""
        base = self.server_url
        closed = tuple(url_path_join(base, part) for part in LEFT_OUT)
        kept = [rule for rule in super().init_handlers() if rule[0] != base and not rule[0].startswith(closed)]
        kept = [(rule[0], Templates) if rule[1] is TemplateStaticFileHandler else rule for rule in kept]
        extra = {"voila_configuration": self.voila_configuration}
        ours = [
            (".*%00.*", Nothing, extra),  # no name holds it
            (url_path_join(base, "voila/render/.+(?:/|%2[fF]|%5[cC]).+"), Nothing, extra),  # a lesson: no app
            (base, Landing, extra),
            (url_path_join(base, "headlines"), HeadlinesHandler),
            (url_path_join(base, "health"), Health),
            (url_path_join(base, "voila/api/shutdown/(.*)"), Leave),
        ]
        self.headlines.refresh()
        self._follower = PeriodicCallback(self._follow_store, 1000 * FOLLOW_S)
        self._follower.start()
        return [*ours, *kept, (".*", Nothing, extra)]

    async def _follow_store(self) -> None:
        # pages kept warm were made from the store as it was
        if self.headlines.refresh():
            await self.kernel_manager.renew()
