"""Pages of HTML as a parser and as Chromium see them."""

import json
import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path

VOID = {"meta", "br"}


class Page(HTMLParser):
    """The elements of a page; fails where tags do not match."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"style", "script"} & set(self.open):
            self.words += data


def chromium(folder: Path, text: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Opens the page in Chromium without a window."""
    (folder / "page.html").write_text(text)
    return subprocess.run(
        ["chromium-headless-shell", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--enable-logging=stderr",
         f"--user-data-dir={folder}/profile", f"--log-net-log={folder}/net.json", "--virtual-time-budget=2000", *options,
         f"file://{folder}/page.html"],
        cwd=folder, env={"HOME": str(folder), "PATH": "/usr/bin:/bin", "TZ": "UTC"}, capture_output=True, text=True, timeout=120,
        check=True)


def requested(folder: Path) -> set[str]:
    """The addresses that the page had Chromium ask for; its own background requests are not the page's."""
    log = json.loads((folder / "net.json").read_text())
    found = {event["params"]["url"] for event in log["events"] if "url" in event.get("params", {})}
    return {url for url in found if not re.match(r"https?://[^/]*\.(google|googleapis|gvt1)\.com[:/]", url)}
