"""The headers that every answer carries: nothing is loaded from elsewhere, nobody frames the page, no address leaks; and how
long a browser may keep the files that a page is built of."""

from __future__ import annotations

import re

import tornado.web

# Voila, anywidget and Vega need inline scripts, eval and blob modules; sources outside this server are refused all the same.
CONTENT = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self' ws: wss:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "SAMEORIGIN",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Server": "workbench",
}


#: the name says what is in it: such a file never changes
HASHED = re.compile(r"/labextensions/.*\.[0-9a-f]{8,}\.js$")
BUILT = re.compile(r"/voila/(static|templates/\w+/static)/")


class Policy(tornado.web.OutputTransform):
    """Adds the headers to static files too, whose handlers know nothing of Jupyter's settings."""

    def __init__(self, request):
        super().__init__(request)
        self._path = request.path

    def transform_first_chunk(self, status_code, headers, chunk, finishing):
        for name, value in HEADERS.items():
            headers[name] = value
        if status_code in (200, 304):
            if HASHED.search(self._path):
                headers["Cache-Control"] = "private, max-age=31536000, immutable"
            elif BUILT.search(self._path) and "Cache-Control" not in headers:
                headers["Cache-Control"] = "private, max-age=3600"
        return status_code, headers, chunk
