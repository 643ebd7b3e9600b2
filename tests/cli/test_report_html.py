"""`lowtide report --format html`: one page that needs nothing else, read by a parser and opened in Chromium."""

import json
import re
import subprocess

import pytest
from harness import Lowtide, job
from pages import Page, chromium, requested

NASTY = "</script><script>document.title='broken'</script>\"'<img src=x onerror=alert(1)>&amp;日\x1b[31m"
BUSY = job("import time\nend = time.time() + 1.2\nwhile time.time() < end: pass")


def html(lowtide: Lowtide, *args: str) -> str:
    """What `lowtide report --format html` prints."""
    done = lowtide("report", *args, "--format", "html", text=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()


@pytest.fixture
def project(lowtide: Lowtide) -> Lowtide:
    """A run with a name that tries to break out, and one that failed."""
    lowtide.run("--project", "p", "--name", NASTY, "--tag", "phase=final", "--interval", "100ms", "--", *BUSY)
    lowtide.run("--project", "p", "--name", "broken", "--", "false")
    return lowtide


def runs_of(lowtide: Lowtide) -> list[list[str]]:
    """The arguments for one run and for both."""
    return [[lowtide.runs()[0]["id"]], ["--project", "p"]]


def test_it_is_well_formed_and_accessible(project: Lowtide) -> None:
    for args in runs_of(project):
        page = Page(html(project, *args))
        ids = [attrs["id"] for _, attrs in page.found if "id" in attrs]
        assert len(ids) == len(set(ids))
        for _, attrs in page.found:
            for name in (attrs.get("aria-labelledby") or "").split():
                assert name in ids
        levels = [int(tag[1]) for tag, _ in page.found if re.fullmatch("h[1-6]", tag)]
        assert (levels[0], levels.count(1)) == (1, 1)
        assert {"header", "main", "footer"} <= {tag for tag, _ in page.found}
        assert [attrs["href"] for tag, attrs in page.found if tag == "a"] == ["#main"]
        assert next(attrs for tag, attrs in page.found if tag == "html")["lang"] == "en"
        for tag, attrs in page.found:
            assert tag != "svg" or {"aria-label", "aria-labelledby", "aria-hidden"} & attrs.keys()
            assert tag != "th" or attrs.get("scope") in ("col", "row")


def test_names_are_text(project: Lowtide) -> None:
    for args in runs_of(project):
        text = html(project, *args)
        page = Page(text)
        assert NASTY.replace("\x1b", "\\x1b") in page.words
        assert not [tag for tag, attrs in page.found if tag in ("img", "iframe", "link") or any(a.startswith("on") for a in attrs)]
        assert "\x1b" not in text


def test_the_series_is_that_of_the_report(project: Lowtide) -> None:
    text = html(project, *runs_of(project)[0])
    series = json.loads(re.search(r'<script type="application/json" id="series">(.*?)</script>', text, re.S).group(1))
    report = project.report(runs_of(project)[0][0])
    assert len(series["power"]) == len(series["intensity"]) == len(series["carbon"]) <= 1500
    assert {value for value in series["intensity"] if value is not None} == {400}
    scale = {"ug": 1e-6, "mg": 1e-3, "g": 1, "kg": 1e3}[series["units"][2].split()[0]]
    assert series["carbon"][-1] * scale == pytest.approx(report["carbon"]["operational_g"], rel=1e-3)


# In a browser ------------------------------------------------------------------------------------


def test_it_asks_for_nothing_and_complains_of_nothing(project: Lowtide) -> None:
    for args in runs_of(project):
        done = chromium(project.folder, html(project, *args), "--dump-dom")
        assert "CONSOLE" not in done.stderr, done.stderr
        assert "<title>broken" not in done.stdout
        assert all(url.startswith("file:///") for url in requested(project.folder)), requested(project.folder)
    # That the two checks would see it:
    bad = html(project, *args).replace("</body>", "<img src='http://127.0.0.1:9/x'><script>nothing()</script></body>")
    bad = bad.replace("default-src 'none'", "default-src *")
    done = chromium(project.folder, bad, "--dump-dom")
    assert "CONSOLE" in done.stderr
    assert "http://127.0.0.1:9/x" in requested(project.folder)


def test_the_chart_is_read_by_the_arrow_keys(project: Lowtide) -> None:
    keys = """<script>
    const box = document.getElementById('scrub');
    for (const key of ['Home', 'ArrowRight', 'ArrowRight']) box.dispatchEvent(new KeyboardEvent('keydown', {key}));
    </script></body>"""
    done = chromium(project.folder, html(project, *runs_of(project)[0]).replace("</body>", keys), "--dump-dom")
    scrub = next(attrs for _, attrs in Page(done.stdout).found if attrs.get("id") == "scrub")
    assert (scrub["role"], scrub["tabindex"], scrub["aria-valuenow"]) == ("slider", "0", "2")
    assert re.search(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ · .*W · 400 g/kWh · .*CO2e so far$", scrub["aria-valuetext"])


def test_it_prints(project: Lowtide) -> None:
    chromium(project.folder, html(project, *runs_of(project)[0]), f"--print-to-pdf={project.folder}/page.pdf")
    seen = subprocess.run(["pdftotext", "page.pdf", "-"], cwd=project.folder, capture_output=True, text=True, timeout=60, check=True)
    for word in ("Energy by device", "Bounds", "Provenance", "Means over equal parts of the run"):
        assert word in seen.stdout, f"{word} is folded away"
