"""The headers that every answer carries: nothing is loaded from elsewhere, nobody frames the page, no address leaks."""

from __future__ import annotations

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


class Policy(tornado.web.OutputTransform):
    """Adds the headers to static files too, whose handlers know nothing of Jupyter's settings."""

    def transform_first_chunk(self, status_code, headers, chunk, finishing):
        for name, value in HEADERS.items():
            headers[name] = value
        return status_code, headers, chunk
