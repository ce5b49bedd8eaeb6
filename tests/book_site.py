"""The book as it was built, and how a browser meets it."""

import contextlib
import http.server
import threading
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from playwright.sync_api import Page

from book import HERE

AXE = HERE / "node_modules" / "axe-core" / "axe.min.js"


def pages_of(site: Path) -> list[str]:
    return sorted(str(path.relative_to(site)) for path in site.rglob("*.html") if "_static" not in path.parts)


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_) -> None:
        """Nothing: what is missing is seen by the browser."""

    def copyfile(self, source, outputfile) -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the reader has gone on
            super().copyfile(source, outputfile)


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """The folder over http, on a port of its own."""
    handler = partial(Quiet, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class Watch:
    """What goes wrong on a page: requests to elsewhere, missing files, errors in the console."""

    def __init__(self, page: Page, base: str):
        self.page, self.base, self.faults, self.asked = page, base, [], []
        self.heard = {
            "request": self._request,
            "requestfailed": lambda request: self.faults.append(f"failed: {request.url}"),
            "response": lambda got: got.status >= 400 and self.faults.append(f"{got.status}: {got.url}"),
            "console": lambda said: said.type in ("error", "warning") and self.faults.append(said.text),
            "pageerror": lambda error: self.faults.append(str(error)),
        }
        for event, act in self.heard.items():
            page.on(event, act)
        page.route(self._is_elsewhere, lambda route: route.abort())

    def taken(self) -> list[str]:
        """The faults so far; the next page begins without them."""
        faults = self.faults.copy()
        self.faults.clear()
        return faults

    def end(self) -> None:
        for event, act in self.heard.items():
            self.page.remove_listener(event, act)
        self.page.unroute(self._is_elsewhere)

    def _is_elsewhere(self, url: str) -> bool:
        return not url.startswith((self.base, "data:", "blob:"))

    def _request(self, request) -> None:
        self.asked.append(request.url)
        if self._is_elsewhere(request.url):
            self.faults.append(f"elsewhere: {request.url}")


def typeset(page: Page) -> None:
    """Until formulas are set."""
    page.wait_for_function("!window.MathJax || MathJax.startup?.promise")
    page.evaluate("() => window.MathJax?.startup?.promise?.then(() => true)")


def settled(page: Page) -> None:
    """Until formulas are set and every picture has come."""
    typeset(page)
    page.evaluate("""() => Promise.all([...document.images].map((image) => {
        image.loading = "eager";
        return image.complete || new Promise((done) => { image.onload = image.onerror = done; });
    }))""")


def darken(page: Page) -> None:
    """The dark theme, at once: colours on their way are nobody's colours."""
    page.add_style_tag(content="* { transition: none !important; }")
    page.evaluate("() => { document.documentElement.dataset.theme = 'dark'; }")


LOOK = """() => {
    const text = (node) => node.textContent.trim().slice(0, 80);
    const all = (chosen) => [...document.querySelectorAll(chosen)];
    return [
        ...all(".math").filter((m) => !m.querySelector("mjx-container")).map((m) => "formula not set: " + text(m)),
        ...all("mjx-merror, [data-mjx-error]").map((m) => "formula wrong: " + text(m)),
        ...document.images ? all("img").filter((i) => !i.alt.trim() && i.getAttribute("role") !== "presentation")
            .map((i) => "no alt text: " + i.src.slice(-60)) : [],
        ...all("img").filter((i) => !i.naturalWidth).map((i) => "no picture: " + i.src.slice(-60)),
    ];
}"""


def looked_at(page: Page) -> list[str]:
    """Formulas that were not set, pictures without words or without a picture."""
    return page.evaluate(LOOK)


def serious(page: Page, rules: Sequence[str] = ()) -> list[str]:
    """What axe-core finds that keeps somebody out; by these rules, or by all.

    A word stands in for each formula: MathJax looks after its own elements, and axe takes minutes for them.
    """
    page.evaluate("() => document.querySelectorAll('mjx-container').forEach((set) => set.replaceWith('formula'))")
    if not page.evaluate("() => Boolean(window.axe)"):
        page.add_script_tag(path=AXE)
    options = {"resultTypes": ["violations"], "preload": False} | ({"runOnly": list(rules)} if rules else {})
    found = page.evaluate("(options) => axe.run(options)", options)
    return [
        f"{fault['id']}: {fault['help']}: {node['html'][:160]}"
        for fault in found["violations"]
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]
