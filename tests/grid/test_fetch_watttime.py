"""`lowtide grid fetch` from the loopback WattTime, which WattTime's own client accepts: values by the scripted truth."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import server as framework
import watttime
from fetching import Fetched, assert_nowhere, fetch, kept
from harness import Lowtide
from server import Server, make_certificate, steps

START = datetime(2026, 1, 5, tzinfo=UTC)
END = START + timedelta(days=70)
NOW = START + timedelta(days=80, minutes=2)
PASSWORD = "correct-horse"


@pytest.fixture
def provider(lowtide: Lowtide) -> Iterator[Server]:
    """A WattTime of now, and lowtide with an account there."""
    with Server(watttime.Provider(now=lambda: NOW)) as started:
        lowtide.env |= {"LOWTIDE_WATTTIME_URL": started.url, "LOWTIDE_WATTTIME_USERNAME": "ann",
                        "LOWTIDE_WATTTIME_PASSWORD": PASSWORD}
        yield started


def marginal(lowtide: Lowtide, end: datetime = START + timedelta(hours=6), zone: str = "watttime:CAISO_NORTH") -> Fetched:
    return fetch(lowtide, "watttime", zone, START, end, "--signal", "marginal")


def test_ten_weeks_have_neither_hole_nor_duplicate_though_the_token_ends_in_the_middle(
        lowtide: Lowtide, provider: Server) -> None:
    provider.provider.answers_left = 2
    fetched = marginal(lowtide, END)
    assert fetched.done.returncode == 0, fetched.done.stderr
    times = steps(START, END, timedelta(minutes=5))
    truth = [provider.provider.truth("CAISO_NORTH", "co2_moer", at) for at in times]
    values = kept(lowtide)
    assert [at for _, at, _, _ in values] == times
    assert {length for _, _, length, _ in values} == {300}
    assert [value for *_, value in values] == pytest.approx(truth, rel=1e-12)
    (series,) = fetched.said
    assert (series["rows"], series["gaps"], series["duplicates"]) == (len(times), 0, 0)
    assert series["mean"] == pytest.approx(sum(truth) / len(truth))
    paths = Counter(provider.paths())
    assert paths["/login"] == 2
    assert 401 in [request.status for request in provider.seen]
    assert_nowhere(lowtide, PASSWORD, fetched.done.stdout, fetched.done.stderr)
    for token in provider.provider.tokens:
        assert_nowhere(lowtide, token, fetched.done.stdout, fetched.done.stderr)
    provider.forget()
    assert marginal(lowtide, END).done.returncode == 0
    assert provider.paths() == []  # all of it is kept


def test_the_average_is_another_series(lowtide: Lowtide, provider: Server) -> None:
    end = START + timedelta(days=2)
    fetched = fetch(lowtide, "watttime", "watttime:CAISO_NORTH", START, end, "--signal", "average")
    assert fetched.done.returncode == 0, fetched.done.stderr
    truth = [provider.provider.truth("CAISO_NORTH", "co2_aoer", at) for at in steps(START, end, timedelta(hours=1))]
    assert [value for *_, value in kept(lowtide)] == pytest.approx(truth)
    assert fetched.said[0]["signal"] == "average" and fetched.said[0]["step_s"] == 3600


def test_a_new_model_is_a_series_of_its_own(lowtide: Lowtide, provider: Server) -> None:
    provider.provider.models = ((START - timedelta(days=900), "2025-06-01"), (START + timedelta(days=20), "2026-01-15"))
    assert marginal(lowtide, END).done.returncode == 0
    assert {model for model, *_ in kept(lowtide)} == {"2025-06-01", "2026-01-15"}


def test_a_cloud_region_and_a_point_have_a_region(lowtide: Lowtide, provider: Server) -> None:
    for zone in ("azure:westus", "38.9,-77.0"):
        fetched = marginal(lowtide, zone=zone)
        assert fetched.done.returncode == 0, fetched.done.stderr
    asked = [request.one("region") for request in provider.seen if request.path == "/v3/historical"]
    assert asked == ["CAISO_NORTH", "PJM_DC"]
    assert "/v3/region-from-loc" in provider.paths()


FAULTS = {
    "no access": ("status", {"code": 403}, "watttime.password"),
    "blocked by the content network": ("status", {"code": 403, "html": True}, "watttime.url"),
    "bad request": ("status", {"code": 400}, "as the test wants it"),
    "down": ("status", {"code": 503, "retry_after": 0}, "503"),
    "busy for long": ("status", {"code": 429, "retry_after": 3600}, "429"),
    "a page": ("html", {}, "HTML"),
    "half a text": ("half", {}, "JSON"),
    "cut": ("cut", {}, "127.0.0.1"),
    "closed": ("close", {}, "127.0.0.1"),
    "not what it says": ("encoding", {}, "127.0.0.1"),
    "elsewhere": ("redirect", {"to": "http://localhost:1/"}, "not followed"),
    "wrong types": ("edit", {"change": framework.wrong("value")}, "value is no number"),
    "another region": ("edit", {"change": lambda said: said | {"meta": said["meta"] | {"region": "FR"}}}, "FR"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_one_line(lowtide: Lowtide, provider: Server, name: str) -> None:
    kind, args, says = FAULTS[name]
    provider.fault(kind, path="/v3/historical", count=0, **args)
    fetched = marginal(lowtide)
    line = fetched.line()
    for part in ("WattTime", "CAISO_NORTH", "2026-01-05T00:00Z", says):
        assert part in line
    assert fetched.done.returncode in (3, 4, 5)
    assert_nowhere(lowtide, PASSWORD, fetched.done.stdout, fetched.done.stderr)
    provider.clear_faults()
    again = marginal(lowtide)
    assert again.done.returncode == 0, again.done.stderr
    assert len(kept(lowtide)) == 72


def test_a_server_that_never_answers_ends_within_the_timeout(lowtide: Lowtide, provider: Server) -> None:
    provider.fault("silent", path="/v3/historical", count=0)
    fetched = marginal(lowtide)
    assert fetched.done.returncode == 5
    assert "WattTime" in fetched.line()


def test_numbers_as_text_and_nulls(lowtide: Lowtide, provider: Server) -> None:
    provider.fault("edit", change=framework.strings("value"), path="/v3/historical")
    assert marginal(lowtide, START + timedelta(hours=1)).done.returncode == 0
    provider.fault("edit", change=framework.nulls("value"), path="/v3/historical")
    assert marginal(lowtide, START + timedelta(hours=2)).done.returncode == 0
    assert len(kept(lowtide)) == 12  # a gap is not a zero


def test_a_wrong_password_and_no_password(lowtide: Lowtide, provider: Server) -> None:
    lowtide.env["LOWTIDE_WATTTIME_PASSWORD"] = "wr0ng-horse"
    fetched = marginal(lowtide)
    assert fetched.done.returncode == 4
    assert "watttime.password" in fetched.line()
    assert_nowhere(lowtide, "wr0ng-horse", fetched.done.stdout, fetched.done.stderr)
    del lowtide.env["LOWTIDE_WATTTIME_PASSWORD"]
    fetched = marginal(lowtide)
    assert fetched.done.returncode == 4
    assert "watttime.password" in fetched.line()


def test_a_region_that_is_not_open_names_what_is(lowtide: Lowtide, provider: Server) -> None:
    provider.provider.open_regions = {"CAISO_NORTH"}
    fetched = marginal(lowtide, zone="watttime:PJM_DC")
    assert fetched.done.returncode == 4
    assert "CAISO_NORTH is open" in fetched.line()


def test_a_certificate_must_fit(lowtide: Lowtide, tmp_path: Path) -> None:
    good, other = (make_certificate(tmp_path / name, names) for name, names in
                   (("good", "IP:127.0.0.1"), ("other", "DNS:elsewhere.invalid")))
    lowtide.env |= {"LOWTIDE_WATTTIME_USERNAME": "ann", "LOWTIDE_WATTTIME_PASSWORD": PASSWORD}
    for certificate, trusted, code in ((good, good, 0), (good, None, 5), (other, other, 5)):
        with Server(watttime.Provider(now=lambda: NOW), certificate=certificate) as started:
            lowtide.env["LOWTIDE_WATTTIME_URL"] = started.url
            lowtide.env["SSL_CERT_FILE"] = str(trusted.authority) if trusted else ""
            fetched = marginal(lowtide, zone="watttime:PJM_DC" if code else "watttime:CAISO_NORTH")
            assert (fetched.done.returncode == 0) == (code == 0), fetched.done.stderr
            if code:
                assert "certificate" in fetched.line().lower()
                assert started.paths() == []  # nothing was said to a stranger


def test_no_such_host(lowtide: Lowtide) -> None:
    lowtide.env |= {"LOWTIDE_WATTTIME_URL": "http://nowhere.invalid", "LOWTIDE_WATTTIME_USERNAME": "ann",
                    "LOWTIDE_WATTTIME_PASSWORD": PASSWORD}
    fetched = marginal(lowtide)
    assert fetched.done.returncode == 5
    assert "nowhere.invalid" in fetched.line()
