"""What bad input gets: a refusal that says where, or a warning and the job runs all the same."""

import os
import resource
import sqlite3
import subprocess
from pathlib import Path

import pytest
from harness import PATIENCE_S, Lowtide, binary, flat

GOOD = "time,g_per_kwh\n2026-01-01T00:00:00Z,100\n2026-01-01T01:00:00Z,200\n2026-01-01T02:00:00Z,300\n"


@pytest.mark.parametrize("asked, offered", [("FRR", "FR"), ("US-CAL-CISOO", "US-CAL-CISO"), ("us-cal-cisa", "US-CAL-CISO"),
                                            ("azure:westus22", "azure:westus2"), ("aws:us-east1", "aws:us-east-1")])
def test_an_unknown_place_is_offered_the_nearest_names(lowtide: Lowtide, asked: str, offered: str) -> None:
    done = lowtide("run", "--location", asked, "--", "true")
    assert done.returncode == 125
    assert asked in done.stderr
    assert offered in done.stderr.replace(asked, "")


# name: (text of the file, the line at fault, what else must be named)
MALFORMED = {
    "not_a_number": (GOOD.replace(",200", ",lots"), 3, ["g_per_kwh", "lots"]),
    "not_a_time": (GOOD.replace("2026-01-01T01", "tomorrow"), 3, ["time"]),
    "not_finite": (GOOD.replace(",200", ",nan"), 3, ["g_per_kwh", "nan"]),
    "negative": (GOOD.replace(",200", ",-200"), 3, ["g_per_kwh", "-200"]),
    "field_missing": (GOOD.replace(",200", ""), 3, []),
    "field_too_many": (GOOD.replace(",200", ",200,7"), 3, []),
    "unknown_column": (GOOD.replace("g_per_kwh", "g_per_kwh,colour"), 1, ["colour"]),
    "column_missing": (GOOD.replace("g_per_kwh", "pounds"), 1, ["pounds"]),
    "backward": (GOOD + "2026-01-01T00:30:00Z,100\n", 5, ["time"]),
    "unequal_duplicate": (GOOD + "2026-01-01T02:00:00Z,301\n", 5, ["2026-01-01T02:00"]),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_series_names_file_line_and_field(lowtide: Lowtide, name: str) -> None:
    text, line, named = MALFORMED[name]
    (lowtide.folder / "grid.csv").write_text(text)
    done = lowtide("run", "--intensity", "file:grid.csv", "--", "touch", "ran")
    assert done.returncode == 125
    assert f"grid.csv:{line}" in done.stderr
    for word in named:
        assert word in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (lowtide.folder / "ran").exists()


def test_a_long_binary_field_is_shortened_and_escaped(lowtide: Lowtide) -> None:
    junk = bytes(range(128, 256)) * 400
    for text in (GOOD.encode().replace(b",200", b"," + junk), GOOD.encode().replace(b"2026-01-01T01:00:00Z", junk),
                 GOOD.encode().replace(b"g_per_kwh", junk)):
        (lowtide.folder / "grid.csv").write_bytes(text)
        done = lowtide("run", "--intensity", "file:grid.csv", "--", "true")
        assert done.returncode == 125
        assert "grid.csv:" in done.stderr and "\\x80\\x81" in done.stderr
        assert len(done.stderr) < 400 and done.stderr.count("\n") == 1
        assert all(c.isprintable() for c in done.stderr.rstrip("\n"))


@pytest.mark.parametrize("name", ["no-such.csv", "user", "empty.csv"])
def test_a_series_that_is_no_file_is_refused(lowtide: Lowtide, name: str) -> None:
    (lowtide.folder / "empty.csv").write_text("")
    done = lowtide("run", "--intensity", f"file:{name}", "--", "true")
    assert done.returncode == 125
    assert name in done.stderr


def test_equal_duplicates_are_dropped(lowtide: Lowtide) -> None:
    (lowtide.folder / "grid.csv").write_text(GOOD + "2026-01-01T02:00:00Z,300\n")
    assert lowtide("run", "--intensity", "file:grid.csv", "--", "true").returncode == 0


def test_a_series_that_does_not_reach_the_run_is_a_gap_not_a_zero(lowtide: Lowtide) -> None:
    (lowtide.folder / "grid.csv").write_text(GOOD)  # long ago
    assert lowtide("run", "--intensity", "file:grid.csv", "--", "sleep", "0.3").returncode == 0
    report = lowtide.report()
    assert report["carbon"]["total_g"] is None or report["intensity"][0]["coverage"] == 0
    assert report["carbon"]["operational_g"] is None
    assert all(slot["carbon_g"] is None and slot["intensity_g_per_kwh"] is None for slot in report["slots"])
    assert report["energy"]["it_kwh"] is not None


def warned(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """The job ran, with its own status, and one line of stderr warns of this."""
    assert done.returncode == 3, done.stderr
    assert done.stdout == "job ran\n"
    lines = [line for line in done.stderr.splitlines() if "warning" in line.lower()]
    assert any(all(word.lower() in line.lower() for word in words) for line in lines), done.stderr


JOB = ["--", "sh", "-c", "echo job ran; exit 3"]


def test_a_ledger_that_is_no_database_is_a_warning(lowtide: Lowtide) -> None:
    lowtide.home.mkdir()
    (lowtide.home / "ledger.db").write_text("this is not a database, but it is long enough to look at\n" * 40)
    before = (lowtide.home / "ledger.db").read_bytes()
    warned(lowtide.run(*JOB), "ledger")
    assert (lowtide.home / "ledger.db").read_bytes() == before, "a file that is not ours is left alone"


def test_a_ledger_that_is_a_folder_is_a_warning(lowtide: Lowtide) -> None:
    (lowtide.home / "ledger.db").mkdir(parents=True)
    warned(lowtide.run(*JOB), "ledger")


def test_a_ledger_of_a_newer_version_is_a_warning_and_left_alone(lowtide: Lowtide) -> None:
    assert lowtide.run("--", "true").returncode == 0
    with sqlite3.connect(lowtide.home / "ledger.db") as database:
        database.execute("PRAGMA user_version = 9999")
    warned(lowtide.run(*JOB), "ledger", "9999")
    with sqlite3.connect(lowtide.home / "ledger.db") as database:
        assert database.execute("PRAGMA user_version").fetchone() == (9999,)
    listed = lowtide("runs")
    assert listed.returncode not in (0, 70)
    assert "9999" in listed.stderr


@pytest.mark.parametrize("command", [["runs"], ["runs", "--json"], ["show", "last"], ["report", "last"],
                                     ["report", "--project", "p", "--format", "csv"]])
def test_a_ledger_of_a_newer_version_is_refused_by_every_listing(lowtide: Lowtide, command: list[str]) -> None:
    assert lowtide.run("--quiet", "--project", "p", "--", "true").returncode == 0
    with sqlite3.connect(lowtide.home / "ledger.db") as database:
        database.execute("PRAGMA user_version = 9999")
    done = lowtide(*command)
    assert (done.returncode, done.stdout) == (3, ""), done.stderr
    assert done.stderr.count("\n") == 1 and "newer lowtide (schema 9999" in done.stderr
    assert "ledger.db" in done.stderr and "update lowtide" in done.stderr


def test_a_home_that_cannot_be_made_is_a_warning(lowtide: Lowtide) -> None:
    lowtide.env["LOWTIDE_HOME"] = "/proc/no/such/place"
    warned(lowtide.run(*JOB), "/proc/no/such/place")


def test_a_home_that_is_a_file_is_a_warning(lowtide: Lowtide) -> None:
    lowtide.home.write_text("x")
    warned(lowtide.run(*JOB), str(lowtide.home))


def test_no_home_at_all_is_a_warning(lowtide: Lowtide) -> None:
    for name in ("LOWTIDE_HOME", "HOME"):
        del lowtide.env[name]
    warned(lowtide.run(*JOB), "HOME")


def test_a_summary_is_shown_without_a_ledger(lowtide: Lowtide) -> None:
    lowtide.env["LOWTIDE_HOME"] = "/proc/no/such/place"
    done = lowtide.run("--", "sleep", "0.2")
    assert "energy" in done.stderr
    assert "400 g/kWh" in done.stderr


def test_a_full_disk_is_a_warning(lowtide: Lowtide) -> None:
    lowtide.home.mkdir()
    script = (f'mount -t tmpfs -o size=64k none "{lowtide.home}" && head -c 64k /dev/zero > "{lowtide.home}/filler"; '
              f'exec "{binary()}" run --intensity 400g/kWh -- sh -c "echo job ran; exit 3"')
    private = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]
    warned(subprocess.run([*private, "sh", "-c", script], env=lowtide.env, capture_output=True, text=True,
                          timeout=2 * PATIENCE_S, check=False), "ledger")


def test_a_disk_that_fills_during_the_job_is_a_warning(lowtide: Lowtide) -> None:
    lowtide.home.mkdir()
    fill = f"head -c 8M /dev/zero > {lowtide.home}/filler; sleep 7; echo job ran; exit 3"
    script = (f'mount -t tmpfs -o size=600k none "{lowtide.home}" && '
              f'exec "{binary()}" run --intensity 400g/kWh --interval 100ms -- sh -c "{fill}" 2>&1')
    private = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]
    done = subprocess.run([*private, "sh", "-c", script], env=lowtide.env, capture_output=True, text=True,
                          timeout=2 * PATIENCE_S, check=False)
    assert done.returncode == 3
    assert "job ran\n" in done.stdout
    assert any("warning" in line and "ledger" in line for line in done.stdout.splitlines()), done.stdout


def test_a_limit_on_file_size_does_not_kill_the_run(lowtide: Lowtide) -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
    done = lowtide.run(*JOB, preexec_fn=limit)
    warned(done, "ledger")


def test_a_broken_config_is_a_warning(lowtide: Lowtide) -> None:
    config = lowtide.folder / "user" / ".config" / "lowtide" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text("location = \n")
    warned(lowtide.run(*JOB), "config.toml")


def test_a_bad_value_in_the_config_is_a_warning_that_names_the_key(lowtide: Lowtide) -> None:
    config = lowtide.folder / "user" / ".config" / "lowtide" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text('pue = "much"\n')
    warned(lowtide.run(*JOB), "config.toml", "pue")


def test_a_bad_setting_in_the_environment_is_a_warning(lowtide: Lowtide) -> None:
    lowtide.env["LOWTIDE_LOCATION"] = "XX-NOWHERE"
    warned(lowtide("run", *JOB), "LOWTIDE_LOCATION", "XX-NOWHERE")


@pytest.mark.parametrize("key, value, allowed", [
    ("quiet", "maybe", "true, false"), ("gpus", "two", "UUIDs"), ("per", "1000", "'1000 samples'"), ("interval", "1000000d", "10ms to 5m"),
    ("idle", "some", "reserved, all, none"), ("pue", "0.5", "from 1 to 10"), ("embodied", "lots", "none"), ("signal", "sideways", "average, marginal, both"),
])
def test_a_bad_value_is_refused_as_a_flag_and_else_a_warning(lowtide: Lowtide, key: str, value: str, allowed: str) -> None:
    config = lowtide.folder / "user" / ".config" / "lowtide" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(f'# mine\n{key} = "{value}"\n')
    warned(lowtide.run(*JOB), f"{config}:2: {key}", value, allowed)
    config.write_text("")
    variable = f"LOWTIDE_{key.upper()}"
    warned(lowtide.run(*JOB, env=lowtide.env | {variable: value}), variable, value, allowed)
    if key == "quiet":  # as a flag it has no value
        return
    done = lowtide.run(f"--{key}", value, "--", "touch", "ran")
    assert done.returncode == 125
    assert f"--{key}" in done.stderr and value in done.stderr and allowed in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (lowtide.folder / "ran").exists()


@pytest.mark.parametrize("per", ["nan samples", "0 samples", "-5 samples", "inf samples", "1000", ""])
def test_a_unit_that_cannot_be_counted_is_refused(lowtide: Lowtide, per: str) -> None:
    done = lowtide.run("--per", per, "--count", "samples=5", "--", "true")
    assert done.returncode == 125
    assert "1000 samples" in done.stderr, "what to write"


def test_a_chosen_gpu_that_is_not_here_is_said_and_the_job_runs(lowtide: Lowtide) -> None:
    done = lowtide.run("--gpus", "9998,GPU-ffffffff", "--wait-sensors", "5s", *JOB)
    assert (done.returncode, done.stdout) == (3, "job ran\n")
    assert "9998" in flat(done.stderr), "in the summary"
    assert any("9998" in event["detail"] for event in lowtide.report()["events"])
    lowtide.run("--gpus", "all", "--wait-sensors", "5s", "--", "true")
    assert not any("--gpus" in event["detail"] for event in lowtide.report()["events"]), "all of none is no trouble"


def test_an_empty_word_is_no_command_and_no_run(lowtide: Lowtide) -> None:
    done = lowtide.run("--", "")
    assert (done.returncode, done.stderr.count("\n")) == (127, 1)
    assert "empty" in done.stderr
    assert lowtide.run("--", "true").returncode == 0
    for words in (["show", ""], ["report", ""]):
        done = lowtide(*words)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
        assert "empty" in done.stderr


def test_what_fits_no_run_is_said_to_fit_none(lowtide: Lowtide) -> None:
    assert lowtide.run("--project", "paper", "--", "true").returncode == 0
    for words, said in ((["--since", "2100-01-01"], "no run since 2100-01-01"), (["--project", "none"], "no run of project 'none'; projects: paper"),
                        (["--tag", "a=b"], "no run with the tag 'a=b'")):
        done = lowtide("runs", *words)
        assert (done.returncode, done.stderr) == (0, "")
        assert said in done.stdout
    done = lowtide("report", "--project", "none")
    assert done.returncode == 2
    assert "no run of project 'none'" in done.stderr and "paper" in done.stderr


def test_the_flag_wins_over_environment_over_config(lowtide: Lowtide) -> None:
    config = lowtide.folder / "user" / ".config" / "lowtide" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text('intensity = "100g/kWh"\n')
    seen = []
    for setting, flags in (({}, []), ({"LOWTIDE_INTENSITY": "200g/kWh"}, []),
                           ({"LOWTIDE_INTENSITY": "200g/kWh"}, ["--intensity", "300g/kWh"])):
        assert lowtide("run", *flags, "--", "sleep", "0.1", env=lowtide.env | setting).returncode == 0
        seen.append(lowtide.report()["intensity"][0]["mean_g_per_kwh"])
    assert seen == pytest.approx([100, 200, 300])


def test_a_time_zone_that_says_nothing_is_world_and_said_to_be_assumed(lowtide: Lowtide) -> None:
    lowtide.env["TZ"] = "UTC"
    (lowtide.folder / "machine").mkdir()
    lowtide.env["LOWTIDE_SYSROOT"] = str(lowtide.folder / "machine")
    done = lowtide("run", "--", "true")
    assert done.returncode == 0
    assert "assumed" in done.stderr
    assert any("place" in str(item) or "zone" in str(item) for item in lowtide.report()["carbon"]["assumed"])


def test_an_old_name_of_a_time_zone_gives_its_country(lowtide: Lowtide) -> None:
    (lowtide.folder / "machine").mkdir()
    lowtide.env["LOWTIDE_SYSROOT"] = str(lowtide.folder / "machine")
    for zone, country in (("Asia/Calcutta", "IN"), ("Europe/Paris", "FR")):
        lowtide.env["TZ"] = zone
        assert lowtide("run", "--", "true").returncode == 0
        intensity = lowtide.report()["intensity"][0]
        assert intensity["zone"].split("-")[0] == country
        assert zone in intensity["resolved_by"]


def test_no_sensor_and_no_table_still_runs(lowtide: Lowtide) -> None:
    (lowtide.folder / "machine").mkdir()  # no cpuinfo, no meminfo: nothing to model from
    lowtide.env["LOWTIDE_SYSROOT"] = str(lowtide.folder / "machine")
    done = lowtide.run(*JOB)
    assert (done.returncode, done.stdout) == (3, "job ran\n")
    report = lowtide.report()
    assert report["energy"]["total_kwh"] is None or report["energy"]["by_channel"]


def test_home_is_made_and_nothing_else_is_written(lowtide: Lowtide) -> None:
    before = set(Path(lowtide.folder).rglob("*"))
    lowtide.run("--", "true")
    new = {p for p in Path(lowtide.folder).rglob("*")} - before
    assert new
    assert all(lowtide.home == p or lowtide.home in p.parents for p in new)
