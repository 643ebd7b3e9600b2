#!/usr/bin/env python3
"""How often the bounds of a plan on lowtide's own forecast hold, and what its verdict is worth.

For starts spread over the last year of each hourly file: the file is cut there, `lowtide plan` is asked for a job of 6 h
within 24 h, and what the plan came to is priced on the hours that followed. Prints a table (docs/forecast.md).

    tools/plan_bounds_score.py PROGRAM DATA [ZONE ...]     DATA as tools/score.py has it
"""

import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from score import hourly

STEP_H = 79  # between two starts, so that each hour of the day and each weekday comes up
HOURS, SLACK = 6, 24


def asked(program: str, folder: Path, zone: str, known: list[tuple[dt.datetime, float]]) -> dict:
    """The plan as of the end of what is known."""
    at = known[-1][0] + dt.timedelta(hours=1)
    rows = [f"{time.isoformat()},{value}\n" for time, value in known[-400 * 24:]]
    (folder / "known.csv").write_text("time,g_per_kwh\n" + "".join(rows))
    done = subprocess.run([program, "plan", "--duration", f"{HOURS}h", "--power", "1kW", "--within", f"{SLACK}h", "--location", zone,
                           "--intensity", f"file:{folder}/known.csv", "--at", at.isoformat(), "--json", "-"],
                          env=os.environ | {"LOWTIDE_HOME": str(folder / "home"), "TZ": "UTC"}, capture_output=True, text=True,
                          check=True)
    return json.loads(done.stdout)


def main() -> None:
    program, data, *zones = sys.argv[1:]
    print("| zone | plans | promise a saving | of them hold it within the 80 % bounds | are shifted | of them worse than at once | promised, % | came, % |")
    print("|---|---|---|---|---|---|---|---|")
    for series in hourly(Path(data) / "electricitymaps-hourly-2021-2024"):
        zone = series.name
        if zones and zone not in zones:
            continue
        rows = [(dt.datetime.fromisoformat(time.replace("Z", "+00:00")), value) for time, value in sorted(series.rows.items())]
        starts = range(len(rows) - 365 * 24, len(rows) - HOURS - SLACK, STEP_H)
        promised = within = shifted = worse = 0
        said_g = came_g = now_g = 0.0
        with tempfile.TemporaryDirectory() as folder:
            for start in starts:
                plan = asked(program, Path(folder), series.zone, rows[:start])
                assert plan["known_by"] == "own-forecast", plan["known_by"]
                chosen = plan["policies"][1]
                later = start + round((dt.datetime.fromisoformat(chosen["begin"]) - rows[start][0]).total_seconds() / 3600)
                now = sum(value for _, value in rows[start:start + HOURS])
                then = sum(value for _, value in rows[later:later + HOURS])
                if chosen["saving_low_pct"] is None:
                    continue
                came = 100 * (1 - then / now)
                promised += 1
                within += chosen["saving_low_pct"] <= came <= chosen["saving_high_pct"]
                if plan["verdict"]["kind"] != "shift":
                    continue
                shifted += 1
                worse += then > now * (1 + 1e-9)
                said_g += now * chosen["saving_vs_now_pct"] / 100
                came_g += now - then
                now_g += now
        share = f"{100 * worse / shifted:.1f} %" if shifted else "-"
        print(f"| {zone} | {len(starts)} | {promised} | {100 * within / max(promised, 1):.0f} % | {shifted} | {share} | "
              f"{100 * said_g / max(now_g, 1e-9):.1f} | {100 * came_g / max(now_g, 1e-9):.1f} |", flush=True)


if __name__ == "__main__":
    main()
