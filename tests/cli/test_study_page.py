"""A study's figures and page: read by parsers, opened and printed by Chromium."""

import csv
import re
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest
from harness import Lowtide
from pages import Page, chromium, requested
from test_study import make

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def out(lowtide: Lowtide) -> Path:
    """The folder of a small study."""
    make(lowtide)
    done = lowtide("study", "study.toml", "--out", "out")
    assert done.returncode == 0, done.stderr
    return lowtide.folder / "out"


def test_figures_are_xml_that_stays_in_its_frame(out: Path) -> None:
    names = {path.name for path in (out / "figures").iterdir()}
    assert names == {"figure2_spread.svg", *(f"regions_{job}_{policy}.svg" for job in ("flat", "ragged")
                                             for policy in ("flexible_start", "lowest_slots", "exact")),
                     "resume_charge_flat.svg", "resume_charge_ragged.svg"}
    for path in (out / "figures").iterdir():
        root = ElementTree.parse(path).getroot()
        width, height = (float(x) for x in root.attrib["viewBox"].split()[2:])
        assert root.attrib["aria-label"]
        assert not [each for each in root.iter() if each.tag in (f"{SVG}script", f"{SVG}image", f"{SVG}a")]
        for each in root.iter():
            for key, value in each.attrib.items():
                if key in ("x", "x1", "x2", "cx"):
                    assert 0 <= float(value) <= width, (path.name, each.attrib)
                if key in ("y", "y1", "y2", "cy"):
                    assert 0 <= float(value) <= height, (path.name, each.attrib)


def test_a_bar_says_what_results_have(out: Path) -> None:
    with (out / "results.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if (row["job"], row["policy"]) == ("flat", "lowest_slots")]
    words = [each.text for each in ElementTree.parse(out / "figures/regions_flat_lowest_slots.svg").getroot().iter(f"{SVG}text")]
    for row in rows:
        assert f"{float(row['saving_mean_of_pct']):.1f}" in words, row


def test_the_page_is_well_formed_and_accessible(out: Path) -> None:
    page = Page((out / "index.html").read_text())
    ids = [attrs["id"] for _, attrs in page.found if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert all(attrs.get("aria-labelledby") in (None, *ids) for _, attrs in page.found)
    levels = [int(tag[1]) for tag, _ in page.found if re.fullmatch("h[1-6]", tag)]
    assert (levels[0], levels.count(1)) == (1, 1)
    assert {"header", "main", "footer"} <= {tag for tag, _ in page.found}
    assert all("aria-label" in attrs or "aria-hidden" in attrs for tag, attrs in page.found if tag == "svg")
    assert sum(attrs.get("class") == "fig" for _, attrs in page.found) == len(list((out / "figures").iterdir()))


def test_the_page_asks_for_nothing_and_complains_of_nothing(out: Path) -> None:
    done = chromium(out.parent, (out / "index.html").read_text(), "--dump-dom")
    assert "CONSOLE" not in done.stderr, done.stderr
    assert all(url.startswith("file:///") for url in requested(out.parent)), requested(out.parent)


def test_the_page_prints_what_is_folded_on_screen(out: Path) -> None:
    chromium(out.parent, (out / "index.html").read_text(), f"--print-to-pdf={out.parent}/page.pdf")
    seen = subprocess.run(["pdftotext", "page.pdf", "-"], cwd=out.parent, capture_output=True, text=True, timeout=60, check=True)
    words = " ".join(seen.stdout.split())
    for title in ("Saved in a window of 30min", "Saved by region: exact", "Saved by start rule",
                  "Saved against what a resume costs: ragged", "What a job emits when it starts at once"):
        assert title in words, f"{title} is folded away"
