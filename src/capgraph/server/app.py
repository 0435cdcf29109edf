"""The web application: addresses, limits on what comes in, headers on what goes out. The work is done by workers."""

from __future__ import annotations

import asyncio
import importlib.resources
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from capgraph.bounded import Limits
from capgraph.errors import CapgraphError
from capgraph.server import protocol
from capgraph.server.negotiation import GRAPHS, HTML, PAGE, Offer, choose, offered
from capgraph.server.pages import DATED
from capgraph.server.protocol import Refused
from capgraph.server.tasks import Reply, status_of
from capgraph.server.things import iri_of
from capgraph.server.workers import Busy, Workers

log = logging.getLogger("capgraph.server")

_MOST_BODY = 1 << 20
_MOST_ADDRESS = 1 << 15
_BODY_SECONDS = 10.0
_PAGE_SECONDS = 30.0
_EXPLORER_SECONDS = 120.0
_GONE = 499
"""The status noted for a client that left before its answer; nobody gets to see it."""

_HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
}
_OWN_POLICY = "frame-ancestors 'none'"
"""For the explorer, whose page carries a stricter policy of its own: it may load nothing at all."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the server allows: bounds of a query, hosts that it answers to (``*``: any), whether other sites may ask."""

    limits: Limits = field(default_factory=lambda: Limits(seconds=15.0, memory=1 << 30, size=64 << 20))
    hosts: tuple[str, ...] = ("127.0.0.1", "localhost", "[::1]")
    cross_origin: bool = False
    lang: str = "en"


class Site:
    """The application's pages and endpoint over some workers."""

    def __init__(self, workers: Workers, settings: Settings, description: Mapping[str, bytes]) -> None:
        self.workers = workers
        self.settings = settings
        self.description = description
        self._explorers: dict[tuple[str, ...], bytes] = {}

    # The endpoint ----------------------------------------------------------------------------------------------------

    async def sparql(self, request: Request) -> Response:
        """The SPARQL 1.1 Protocol."""
        pairs = protocol.parameters(_query_string(request))
        accept = request.headers.get("accept", "")
        if request.method == "POST":
            operation = protocol.asked_by_post(request.headers.get("content-type", ""), await _body(request), pairs)
        else:
            found = protocol.asked_by_get(pairs)
            if found is None:
                return self._described(accept)
            operation = found
        query = protocol.read(operation)
        offer = protocol.negotiated(query, accept, operation.formats)
        reply = await self._do(
            request,
            "query",
            {
                "text": operation.text,
                "format": offer.format,
                "default": operation.default,
                "named": operation.named,
                **operation.clocks,
            },
            self.settings.limits,
        )
        if reply.status != 200:
            raise Refused(reply.status, reply.body.decode())
        headers = {"Vary": "Accept", **self._open_to_others()}
        return Response(reply.body, media_type=offer.content_type, headers=headers)

    def _described(self, accept: str) -> Response:
        """The service description; for a browser the query page."""
        offer = choose(accept, (*GRAPHS, PAGE))
        if offer is None:
            raise Refused(406, "there is: " + ", ".join(offer.media for offer in GRAPHS))
        if offer.format == "html":
            return RedirectResponse("/query", 303)
        headers = {"Vary": "Accept", **self._open_to_others()}
        return Response(self.description[offer.format], media_type=offer.content_type, headers=headers)

    def _open_to_others(self) -> dict[str, str]:
        if not self.settings.cross_origin:
            return {}
        return {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}

    async def options(self, request: Request) -> Response:  # noqa: ARG002 (Starlette calls it so)
        """What may be sent to the endpoint, and to whom it answers."""
        headers = {"Allow": "GET, HEAD, OPTIONS, POST", **self._open_to_others()}
        if self.settings.cross_origin:
            headers |= {
                "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS, POST",
                "Access-Control-Allow-Headers": "Accept, Content-Type",
                "Access-Control-Max-Age": "86400",
            }
        return Response(status_code=204, headers=headers)

    # Things ----------------------------------------------------------------------------------------------------------

    async def thing(self, request: Request) -> Response:
        """One thing as a page, JSON-LD, Turtle, N-Triples or RDF/XML."""
        iri = iri_of(request.url.path.removeprefix("/"))
        wanted = self._wanted(request)
        format = request.query_params.get("format", "")
        offers = (PAGE, *GRAPHS)
        offer = offered(format, offers) if format else choose(request.headers.get("accept", ""), offers)
        if offer is None:
            raise Refused(406, "there is: " + ", ".join(each.media for each in offers))
        about = {"Vary": "Accept", "Link": f'<{iri}>; rel="canonical"'}
        if offer is PAGE:
            return await self._page(request, "thing", {**wanted, "iri": iri}, headers=about)
        reply = await self._do(
            request, "describe", {**wanted, "iri": iri, "format": offer.format}, self.settings.limits
        )
        if reply.status != 200:
            raise Refused(reply.status, reply.body.decode())
        return Response(reply.body, media_type=offer.content_type, headers=about)

    # Pages -----------------------------------------------------------------------------------------------------------

    def page(self, name: str) -> Callable[[Request], Awaitable[Response]]:
        """The handler of a page that needs no more than the parameters of its address."""

        async def handler(request: Request) -> Response:
            text = request.query_params.get("text", "") or request.query_params.get("query", "")
            asked = {"text": text, "seconds": self.settings.limits.seconds}
            return await self._page(request, name, {**self._wanted(request), **asked})

        return handler

    async def question(self, request: Request) -> Response:
        """One named question, asked when its form was sent."""
        values = {name: value for name, value in request.query_params.items() if name not in (*DATED, "lang", "ask")}
        asked = {"name": request.path_params["name"], "values": values, "sent": "ask" in request.query_params}
        return await self._page(request, "question", {**self._wanted(request), **asked})

    async def query_data(self, request: Request) -> Response:
        """What the query page's script needs."""
        reply = await self._do(request, "page", {**self._wanted(request), "page": "query-data"}, self._page_limits)
        return Response(reply.body, reply.status, media_type="application/json")

    async def explorer(self, request: Request) -> Response:
        """The interactive page, made once for each language at the server's own clocks."""
        wanted = self._wanted(request)
        key = (wanted["lang"],)
        if key not in self._explorers:
            limits = replace(self.settings.limits, seconds=_EXPLORER_SECONDS)
            reply = await self._do(request, "page", {"lang": wanted["lang"], "page": "explorer"}, limits)
            if reply.status != 200:
                raise Refused(reply.status, reply.body.decode())
            self._explorers[key] = reply.body
        headers = {"Content-Security-Policy": _OWN_POLICY}
        return Response(self._explorers[key], media_type="text/html; charset=utf-8", headers=headers)

    async def health(self, request: Request) -> Response:  # noqa: ARG002
        """Whether the server is there."""
        return Response("ok\n", media_type="text/plain")

    async def problem(self, request: Request, error: Exception) -> Response:
        """What went wrong, for people as a page and for programs as a line of text. Never a traceback."""
        status, message, headers = _told(error)
        headers |= self._open_to_others() if request.url.path == "/sparql" else {}
        if status >= 500:
            log.error("%s %s: %s %s", request.method, request.url.path, status, message.strip())
        offer = choose(request.headers.get("accept", ""), (_TEXT, PAGE))
        if offer is PAGE and status not in (500, 503):
            asked = {**self._wanted(request), "page": "problem", "status": status, "message": message}
            try:
                reply = await self._do(request, "page", asked, self._page_limits)
                return Response(reply.body, status, media_type="text/html; charset=utf-8", headers=headers)
            except (Busy, ClientDisconnect):
                pass
        return Response(f"{message.strip()}\n", status, media_type="text/plain; charset=utf-8", headers=headers)

    def _wanted(self, request: Request) -> dict[str, str]:
        """Language and clocks that a request asks for, and its path, which the language links repeat."""
        asked = request.query_params
        lang = asked.get("lang") or _language(request.headers.get("accept-language", ""), self.settings.lang)
        dated = {name: value for name in DATED if (value := asked.get(name.replace("_", "-")))}
        return {"lang": "zh" if lang == "zh" else "en", "path": request.url.path, **dated}

    @property
    def _page_limits(self) -> Limits:
        return replace(self.settings.limits, seconds=max(_PAGE_SECONDS, self.settings.limits.seconds))

    async def _page(
        self, request: Request, name: str, asked: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> Response:
        reply = await self._do(request, "page", {**asked, "page": name}, self._page_limits)
        if reply.status != 200:
            raise Refused(reply.status, reply.body.decode())
        vary = {"Vary": "Accept-Language", **(headers or {})}
        return Response(reply.body, media_type=f"{HTML}; charset=utf-8", headers=vary)

    async def _do(self, request: Request, task: str, asked: Mapping[str, Any], limits: Limits) -> Reply:
        """Have a task done while the client waits; when it leaves, the task ends."""
        work = asyncio.ensure_future(self.workers.do(task, asked, limits))
        gone = asyncio.ensure_future(_disconnected(request))
        try:
            await asyncio.wait((work, gone), return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                raise ClientDisconnect
            reply = await work
        finally:
            for waiting in (work, gone):
                waiting.cancel()
            await asyncio.gather(work, gone, return_exceptions=True)
        if "log" in reply.head:
            log.error("%s %s:\n%s", request.method, request.url.path, reply.head["log"])
        return reply


_TEXT = Offer("text/plain", "text")


def _told(error: Exception) -> tuple[int, str, dict[str, str]]:
    """Status, message and headers for an error."""
    if isinstance(error, Refused):
        return error.status, str(error), dict(error.headers)
    if isinstance(error, Busy):
        return 503, "too many requests wait already; try again", {"Retry-After": "2"}
    if isinstance(error, ClientDisconnect):
        return _GONE, "the client left", {}
    if isinstance(error, CapgraphError):
        return status_of(error), str(error), {}
    status, detail = getattr(error, "status_code", 500), getattr(error, "detail", "")
    headers = dict(getattr(error, "headers", None) or {})
    return status, str(detail) if status < 500 else "something went wrong inside the server", headers


def _language(header: str, default: str) -> str:
    """Chinese where the browser asks for it before English."""
    wanted = [part.split(";")[0].strip().lower()[:2] for part in header.split(",")]
    return next((lang for lang in wanted if lang in ("en", "zh")), default)


def _query_string(request: Request) -> str:
    raw: bytes = request.scope["query_string"]
    if len(raw) > _MOST_ADDRESS:
        raise Refused(414, "the address is too long; send the query by POST")
    return protocol.decoded(raw, "address")


async def _body(request: Request) -> bytes:
    """The body of a request within bounds of size and time. Raises Refused with 413 or 408."""
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > _MOST_BODY:
        raise Refused(413, f"a request may have {_MOST_BODY:,} bytes", {"Connection": "close"})
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            async for part in request.stream():
                size += len(part)
                if size > _MOST_BODY:
                    raise Refused(413, f"a request may have {_MOST_BODY:,} bytes", {"Connection": "close"})
                parts.append(part)
    except TimeoutError as error:
        raise Refused(408, "the request did not come to its end", {"Connection": "close"}) from error
    return b"".join(parts)


async def _disconnected(request: Request) -> None:
    """Returns when the client has left."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


# Around the site ------------------------------------------------------------------------------------------------------


class _Guarded:
    """Answers only to known hosts, so that no other site can reach a local server under a name of its own, and puts the
    security headers on every answer that does not set them itself."""

    def __init__(self, app: ASGIApp, hosts: Sequence[str]) -> None:
        self.app = app
        self.hosts = frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message["headers"]}
                added = [(name.lower().encode(), value.encode()) for name, value in _HEADERS.items()]
                message["headers"] = [*message["headers"], *(pair for pair in added if pair[0] not in present)]
            await send(message)

        if "*" in self.hosts or _host_of(scope) in self.hosts:
            await self.app(scope, receive, secured)
        else:
            refusal = Response("this server does not answer to that name\n", 421, media_type="text/plain")
            await refusal(scope, receive, secured)


def _host_of(scope: Scope) -> str:
    """The name in the Host header, without the port."""
    named = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
    return named if named.endswith("]") else named.rsplit(":", 1)[0]


_ASSETS = {
    "site.css": "text/css; charset=utf-8",
    "query.js": "text/javascript; charset=utf-8",
    "yasqe.min.js": "text/javascript; charset=utf-8",
    "yasqe.min.css": "text/css; charset=utf-8",
    "yasqe.LICENSE.txt": "text/plain; charset=utf-8",
    "vis-network.min.js": "text/javascript; charset=utf-8",
}


def _asset(name: str) -> bytes:
    if name == "vis-network.min.js":
        return (importlib.resources.files("pyvis") / "templates" / "lib" / "vis-9.1.2" / name).read_bytes()
    return (importlib.resources.files("capgraph.server") / "assets" / name).read_bytes()


def _assets() -> Callable[[Request], Awaitable[Response]]:
    """The handler of the files that pages load; read once, so that the server opens nothing that an address names."""
    files = {name: _asset(name) for name in _ASSETS}

    async def handler(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in files:
            raise Refused(404, f"there is no file {name[:80]!r}")
        return Response(files[name], media_type=_ASSETS[name], headers={"Cache-Control": "max-age=3600"})

    return handler


def create(workers: Workers, settings: Settings, description: Mapping[str, bytes]) -> ASGIApp:
    """The application over workers. ``description`` is the service description in each format of a graph."""
    site = Site(workers, settings, description)
    get: Sequence[str] = ("GET",)
    routes = [
        Route("/", site.page("start"), methods=get),
        Route("/sparql", site.sparql, methods=["GET", "POST"]),
        Route("/sparql", site.options, methods=["OPTIONS"]),
        Route("/query", site.page("query"), methods=get),
        Route("/query.json", site.query_data, methods=get),
        Route("/find", site.page("find"), methods=get),
        Route("/questions", site.page("questions"), methods=get),
        Route("/questions/{name}", site.question, methods=get),
        Route("/explorer", site.explorer, methods=get),
        Route("/id/{rest:path}", site.thing, methods=get),
        Route("/code/{rest:path}", site.thing, methods=get),
        Route("/assets/{name}", _assets(), methods=get),
        Route("/health", site.health, methods=get),
    ]

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:  # noqa: ARG001
        yield
        workers.close()

    handlers: dict[Any, Any] = {Exception: site.problem, 404: site.problem, 405: site.problem}
    handlers |= dict.fromkeys((Refused, Busy, ClientDisconnect, CapgraphError), site.problem)
    return _Guarded(Starlette(routes=routes, exception_handlers=handlers, lifespan=lifespan), settings.hosts)
