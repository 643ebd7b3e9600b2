"""`lowtide grid export`: what is written, that it comes back to the bit, what is left out, and whose it is."""

import datetime as dt
import json
import math
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from harness import Lowtide

SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "docs" / "schema" / "lowtide.series-1.schema.json").read_text())
FIRST = dt.datetime(2021, 1, 4, tzinfo=dt.UTC)
OWN = "time,g_per_kwh\n"
IMPORT = ("--zone", "FR", "--signal", "average", "--scope", "lifecycle", "--gas", "co2e")


def stamp(hour: float) -> str:
    """A time so many hours after FIRST."""
    return f"{FIRST + dt.timedelta(hours=hour):%Y-%m-%dT%H:%M:%SZ}"


def rows(values: list[float | None], step_h: float = 1) -> str:
    """lowtide's own form, as lowtide writes it; None is a row that is not there."""
    return OWN + "".join(f"{stamp(i * step_h)},{repr(value).removesuffix('.0')}\n"
                         for i, value in enumerate(values) if value is not None)


def write(lowtide: Lowtide, name: str, text: str) -> str:
    """A file beside the ledger."""
    (lowtide.folder / name).write_text(text)
    return name


def exported(lowtide: Lowtide, *args: str, zone: str = "FR") -> str:
    """Its CSV."""
    done = lowtide("grid", "export", zone, *args)
    assert done.returncode == 0, done.stderr
    return done.stdout


def as_json(lowtide: Lowtide, *args: str, zone: str = "FR") -> dict[str, Any]:
    """Its JSON, checked by the schema."""
    said = json.loads(exported(lowtide, "--format", "json", *args, zone=zone))
    jsonschema.validate(said, SCHEMA, jsonschema.Draft202012Validator)
    return said


def imported(lowtide: Lowtide, *args: str) -> None:
    """Kept, or the test fails."""
    done = lowtide("grid", "import", *args)
    assert done.returncode == 0, done.stderr


# Values whose decimal form is long, a zero that is one, and holes.
VALUES: list[float | None] = [0.1 + 0.2 + 100 * abs(math.sin(i)) if i % 17 else None for i in range(400)]
VALUES[30:36], VALUES[50] = [None] * 6, 0.0


def test_the_schema_requires_every_key() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert set(SCHEMA["required"]) == set(SCHEMA["properties"]) and SCHEMA["additionalProperties"] is False


def test_what_is_exported_imported_and_exported_again_is_the_same_to_the_byte(lowtide: Lowtide) -> None:
    write(lowtide, "a.csv", rows(VALUES))
    first = exported(lowtide, "--intensity", "file:a.csv")
    assert first == rows(VALUES), "gaps are no rows, and each value keeps its bits"
    write(lowtide, "b.csv", first)
    assert exported(lowtide, "--intensity", "file:b.csv") == first
    imported(lowtide, "b.csv", *IMPORT)
    assert exported(lowtide, "--intensity", "import") == first
    kept = as_json(lowtide, "--intensity", "import")
    assert [v["g_per_kwh"] for v in kept["values"]] == [value for value in VALUES if value is not None]
    assert {v["kind"] for v in kept["values"]} == {"history"}


@pytest.mark.parametrize("shape", ["half-hours-then-quarters", "every-second-hour", "marginal-below-zero"])
def test_odd_series_come_back_too(lowtide: Lowtide, shape: str) -> None:
    if shape == "half-hours-then-quarters":
        text = OWN + "".join(f"{stamp(i / 2)},{i + 1}.5\n" for i in range(48))
        text += "".join(f"{stamp(24 + i / 4)},{i + 1}.25\n" for i in range(90))
    elif shape == "every-second-hour":
        text = OWN + "".join(f"{stamp(2 * i)},{i + 1}\n{stamp(2 * i + 1)},\n" for i in range(20))
    else:
        text = rows([float(i - 3) for i in range(40)])
    imported(lowtide, write(lowtide, "a.csv", text), *IMPORT)
    spans = [(v["begin"], v["end"], v["g_per_kwh"]) for v in as_json(lowtide, "--intensity", "import")["values"]]
    first = exported(lowtide, "--intensity", "import")
    (lowtide.home / "cache.db").unlink()
    imported(lowtide, write(lowtide, "b.csv", first), *IMPORT)
    assert exported(lowtide, "--intensity", "import") == first
    assert [(v["begin"], v["end"], v["g_per_kwh"]) for v in as_json(lowtide, "--intensity", "import")["values"]] == spans


def test_a_span_is_cut_and_its_last_row_says_where_it_ends(lowtide: Lowtide) -> None:
    write(lowtide, "a.csv", rows([float(i) for i in range(10)]))
    args = ("--intensity", "file:a.csv", "--from", stamp(2), "--to", stamp(4.5))
    assert exported(lowtide, *args) == OWN + f"{stamp(2)},2\n{stamp(3)},3\n{stamp(4)},4\n{stamp(4.5)},\n"
    said = as_json(lowtide, *args)
    assert (said["from"][:19], said["to"][:19], said["step_s"], said["coverage"]) == (
        stamp(2)[:19], stamp(4.5)[:19], 3600, 1)


def test_each_value_says_its_source_and_gaps_are_told(lowtide: Lowtide) -> None:
    write(lowtide, "a.csv", rows([1.0, 2.0, None, 4.0]))
    said = as_json(lowtide, "--intensity", "file:a.csv,typical", "--from", stamp(1), "--to", stamp(4))
    assert [(v["source"], v["kind"], v["quality"]) for v in said["values"]] == [
        ("file", "stated", "measured"), ("typical", "typical", "modelled"), ("file", "stated", "measured")]
    assert [(s["source"], s["values"], s["restricted"]) for s in said["sources"]] == [
        ("file", 2, None), ("typical", 1, False)]
    assert "ODbL 1.0" in said["sources"][1]["licence"] and said["sources"][0]["licence"] is None
    assert said["sources"][0]["model"] == "a.csv" and "typical year" in said["sources"][1]["model"]
    alone = as_json(lowtide, "--intensity", "file:a.csv", "--from", stamp(0), "--to", stamp(5))
    assert [(g["begin"][:19], g["end"][:19]) for g in alone["gaps"]] == [
        (stamp(2)[:19], stamp(3)[:19]), (stamp(4)[:19], stamp(5)[:19])]
    assert alone["coverage"] == 0.6


def test_the_licence_is_said_beside_the_csv(lowtide: Lowtide) -> None:
    done = lowtide("grid", "export", "FR", "--intensity", "typical", "--from", "2026-01-01", "--to", "2026-01-02")
    assert done.returncode == 0 and len(done.stdout.splitlines()) == 25
    assert "typical: Electricity Maps (electricitymaps.com), ODbL 1.0" in done.stderr and "ODbL too" in done.stderr
    write(lowtide, "a.csv", rows([1.0, 2.0]))
    done = lowtide("grid", "export", "FR", "--intensity", "file:a.csv")
    assert "the licence is that of the file, which lowtide does not know" in done.stderr
    done = lowtide("grid", "export", "FR", "--intensity", "475g/kWh", "--from", "2026-01-01", "--to", "2026-01-02")
    assert (done.stderr, done.stdout.splitlines()[1:3]) == ("", ["2026-01-01T00:00:00Z,475", "2026-01-02T00:00:00Z,"])


def test_a_typical_year_is_in_it_only_where_it_is_named(lowtide: Lowtide) -> None:
    done = lowtide("grid", "export", "FR", "--from", "2026-01-01", "--to", "2026-01-02")
    assert (done.returncode, done.stdout) == (4, "") and "--intensity" in done.stderr and "FR" in done.stderr
    (lowtide.folder / "user" / ".config" / "lowtide").mkdir(parents=True)
    write(lowtide, "user/.config/lowtide/config.toml", "[sources.average]\nFR = \"import,typical\"\n")
    imported(lowtide, write(lowtide, "a.csv", rows([5.0, 6.0, None, 8.0])), *IMPORT)
    assert exported(lowtide, "--from", stamp(0), "--to", stamp(9)) == rows([5.0, 6.0, None, 8.0])


@pytest.mark.parametrize(("args", "status", "said"), [
    (["Atlantis"], 2, "Atlantis"),
    (["FR", "--intensity", "typical"], 2, "say from when to when"),
    (["FR", "--intensity", "typical", "--from", "2026-01-02", "--to", "2026-01-01"], 2, "is not after"),
    (["FR", "--intensity", "file:a.csv", "--from", "soon"], 2, "--from"),
    (["FR", "--intensity", "file:none.csv"], 4, "none.csv"),
    (["FR", "--intensity", "import"], 4, "no average intensity of what was is known"),
    (["FR", "--intensity", "file:a.csv", "--from", "2030-01-01"], 4, "no average intensity of what was is known"),
    (["FR", "--intensity", "file:a.csv", "--format", "xml"], 2, "--format"),
    (["FR", "--intensity", "file:odd.csv"], 2, "--format json"),
])
def test_what_cannot_be_written_is_one_line(lowtide: Lowtide, args: list[str], status: int, said: str) -> None:
    write(lowtide, "a.csv", rows([1.0, 2.0]))
    odd = [(16 * i + part, f"{i + 1}" if part == 0 else "") for i in range(6) for part in (0, 9)]
    write(lowtide, "odd.csv", OWN + "".join(f"{stamp(minute / 60)},{value}\n" for minute, value in odd))
    done = lowtide("grid", "export", *args, "--out", "out.csv")
    assert (done.returncode, done.stdout) == (status, "")
    assert said in done.stderr and not (lowtide.folder / "out.csv").exists()


def test_a_file_is_written_whole_and_a_pipe_is_written_to(lowtide: Lowtide) -> None:
    write(lowtide, "a.csv", rows(VALUES))
    done = lowtide("grid", "export", "FR", "--intensity", "file:a.csv", "--out", "out.csv")
    assert (done.returncode, done.stdout, (lowtide.folder / "out.csv").read_text()) == (0, "", rows(VALUES))
    assert not list(lowtide.folder.glob("out.csv.new*"))
    (lowtide.folder / "closed").mkdir(mode=0o500)
    if os.geteuid() != 0:
        assert lowtide("grid", "export", "FR", "--intensity", "file:a.csv", "-o", "closed/out.csv").returncode == 4
    for stdout in ("/dev/stdout", "-"):
        done = lowtide("grid", "export", "FR", "--intensity", "file:a.csv", "--out", stdout)
        assert (done.returncode, done.stdout) == (0, rows(VALUES))
    assert not (lowtide.folder / "-").exists()


def test_the_direct_scope_and_the_marginal_signal_are_series_of_their_own(lowtide: Lowtide) -> None:
    for name, scope, signal, value in (("d.csv", "direct", "average", 10.0), ("l.csv", "lifecycle", "average", 20.0),
                                       ("m.csv", "direct", "marginal", 30.0)):
        imported(lowtide, write(lowtide, name, rows([value, value + 1])), "--zone", "FR", "--scope", scope,
                 "--signal", signal, "--gas", "co2e")
    for args, value in (((), 20.0), (("--scope", "direct"), 10.0), (("--signal", "marginal"), 30.0)):
        assert exported(lowtide, "--intensity", "import", *args) == rows([value, value + 1])
