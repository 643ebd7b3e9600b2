#!/usr/bin/env python3
"""Check data/: rebuild the typical intensity bit for bit, and judge every table.

    tools/check_data.py [DATA_DIR]

With DATA_DIR (the folder of hourly series) typical_odbl.csv and what is said of its error are rebuilt and
compared byte by byte, and every file in it is imported by the binary and compared with its index.csv (tools/check_import.py; the
binary is $LOWTIDE_BIN, else build/release/lowtide); without it only the tables are judged. Exit 0 when all is well, else 1 with one line a fault.
"""

import csv
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
DATA = HERE.parent / "data"
sys.path.insert(0, str(HERE))
import check_import  # noqa: E402  (neighbours, found by the line above)
import make_typical  # noqa: E402
import typical_error  # noqa: E402

MIN_REGIONS = 144
MIN_SWINGING = 90      # zones with a daily swing over MIN_SWING_PCT
MIN_SWING_PCT = 5.0
# EPA's edition of 2021, by which the paper compares (Dodge et al. 2022, arXiv:2206.05229).
PAPER_2021 = {"smartphone_charge": "8.22", "mile_passenger_vehicle": "398", "gallon_gasoline": "8887",
              "home_energy_year": "8300000", "railcar_coal": "181290000", "barrel_oil": "430000"}
# Its tables of savings, and the window of each.
PAPER_WINDOWS = {"4": "24h", "5": "100%", "6": "25%", "7": "50%", "8": "75%", "9": "100%",
                 "10": "6h", "11": "12h", "12": "18h", "13": "24h"}
PAPER_MEASURES = ("flexible_start", "lowest_slots", "resumes_per_hour")
PAPER_CELLS = 24 + 11 * len(PAPER_MEASURES) * len(PAPER_WINDOWS)  # those of Table 3 first
EU_MEMBERS = 27        # since February 2020
MAX_G_PER_KWH = 2000.0  # above any grid; lignite alone is near 1,100 (IPCC AR5 WG3 Annex III)


def read(name):
    """Rows of a table under data/, each a dictionary."""
    with open(DATA / name, encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def number_in(row, column, low, high):
    """True when the cell is a number in [low, high]."""
    try:
        return low <= float(row[column]) <= high
    except ValueError:
        return False


def out_of_range(name, rows, column, low, high, optional=False):
    """One fault for each row whose cell is no number of the range."""
    for at, row in enumerate(rows, start=2):
        if optional and row[column] == "":
            continue
        if not number_in(row, column, low, high):
            yield f"{name}:{at}: {column} '{row[column]}' is not in {low}..{high}"


def blanks(name, rows, *columns):
    """One fault for each empty cell of a column that may not be empty."""
    for at, row in enumerate(rows, start=2):
        for column in columns:
            if not row[column]:
                yield f"{name}:{at}: {column} is empty"


def repeated(name, rows, *columns):
    """One fault for each key that stands twice."""
    seen = set()
    for at, row in enumerate(rows, start=2):
        key = tuple(row[column] for column in columns)
        if key in seen:
            yield f"{name}:{at}: {' '.join(key)} stands twice"
        seen.add(key)


def check_regions():
    """Cloud regions: enough of them, each with place, zone, PUE and sources."""
    rows = read("regions.csv")
    if len(rows) < MIN_REGIONS:
        yield f"regions.csv: {len(rows)} regions, at least {MIN_REGIONS} wanted"
    yield from repeated("regions.csv", rows, "provider", "region")
    yield from blanks("regions.csv", rows, "zone", "name", "country", "pue_source", "source",
                      "licence")
    yield from out_of_range("regions.csv", rows, "lat", -90, 90)
    yield from out_of_range("regions.csv", rows, "lon", -180, 180)
    yield from out_of_range("regions.csv", rows, "pue", 1.0, 2.5)
    known = zone_universe()
    for at, row in enumerate(rows, start=2):
        if row["pue_of"] not in ("region", "provider"):
            yield f"regions.csv:{at}: pue_of '{row['pue_of']}' is not region or provider"
        if row["zone"] not in known and row["country"] not in known:
            yield f"regions.csv:{at}: no intensity for zone {row['zone']} or its country"


def zone_universe():
    """Zones with an intensity of any kind."""
    return ({row["zone"] for row in read("annual.csv")} |
            {row["zone"] for row in read(make_typical.ZONES)})


def check_annual():
    """Annual means: countries, world, ranges, sources."""
    rows = read("annual.csv")
    yield from repeated("annual.csv", rows, "zone")
    yield from blanks("annual.csv", rows, "zone", "name", "source", "licence")
    yield from out_of_range("annual.csv", rows, "year", 2015, 2100)
    yield from out_of_range("annual.csv", rows, "g_per_kwh", 0, MAX_G_PER_KWH)
    countries = sum(1 for row in rows if re.fullmatch("[A-Z]{2}", row["zone"]))
    if countries < 200:
        yield f"annual.csv: {countries} countries, at least 200 wanted"
    if not any(row["zone"] == "world" for row in rows):
        yield "annual.csv: no row 'world'"
    for at, row in enumerate(rows, start=2):
        if "ODbL" in row["licence"] or "ODbL" in row["source"]:
            yield f"annual.csv:{at}: ODbL figures belong in the files named _odbl"


def check_cities():
    """Towns: every country with a region has one."""
    rows = read("cities.csv")
    yield from blanks("cities.csv", rows, "country", "name")
    yield from out_of_range("cities.csv", rows, "lat", -90, 90)
    yield from out_of_range("cities.csv", rows, "lon", -180, 180)
    countries = {row["country"] for row in rows}
    for country in sorted({row["country"] for row in read("regions.csv")} - countries):
        yield f"cities.csv: no town in {country}"


def check_hardware():
    """CPU and GPU tables."""
    cpus, gpus = read("cpu_tdp.csv"), read("gpu_tdp.csv")
    yield from repeated("cpu_tdp.csv", cpus, "name")
    yield from blanks("cpu_tdp.csv", cpus, "name", "vendor", "source", "licence")
    yield from out_of_range("cpu_tdp.csv", cpus, "tdp_w", 1, 1000)
    yield from out_of_range("cpu_tdp.csv", cpus, "cores", 1, 512, optional=True)
    yield from repeated("gpu_tdp.csv", gpus, "name")
    yield from blanks("gpu_tdp.csv", gpus, "name", "vendor", "source", "licence")
    yield from out_of_range("gpu_tdp.csv", gpus, "tdp_w", 5, 3000)
    yield from out_of_range("gpu_tdp.csv", gpus, "embodied_kgco2e", 1, 5000, optional=True)


def check_embodied():
    """Embodied carbon: what M is made of is there, each with its range and source."""
    rows = read("embodied.csv")
    yield from repeated("embodied.csv", rows, "key", "name")
    yield from blanks("embodied.csv", rows, "key", "unit", "year", "source", "licence")
    yield from out_of_range("embodied.csv", rows, "value", 1, 10000)
    for key in ("server", "gpu", "life", "server_cpus"):
        if not any(row["key"] == key and not row["name"] for row in rows):
            yield f"embodied.csv: no row '{key}' without a name"
    for at, row in enumerate(rows, start=2):
        if row["status"] not in ("verified", "derived", "memory", "assumed"):
            yield f"embodied.csv:{at}: status '{row['status']}' is not known"
        if row["low"] and not float(row["low"]) < float(row["value"]) < float(row["high"]):
            yield f"embodied.csv:{at}: the value is not between low and high"


def check_equivalents():
    """Everyday equivalences: nothing that is only remembered, each edition once, the paper's six among them."""
    rows = read("equivalents.csv")
    yield from repeated("equivalents.csv", rows, "key", "edition")
    yield from blanks("equivalents.csv", rows, "key", "description", "source", "licence")
    yield from out_of_range("equivalents.csv", rows, "g_per_unit", 0.001, 1e10)
    yield from out_of_range("equivalents.csv", rows, "edition", 2008, 2100)
    for at, row in enumerate(rows, start=2):
        if row["status"] not in ("verified", "derived", "quoted"):
            yield f"equivalents.csv:{at}: status '{row['status']}' is not verified, derived or quoted"
        if row["gas"] not in ("co2", "co2e"):
            yield f"equivalents.csv:{at}: gas '{row['gas']}' is not co2 or co2e"
    of_2021 = {row["key"]: row["g_per_unit"] for row in rows if row["edition"] == "2021"}
    if of_2021 != PAPER_2021:
        yield f"equivalents.csv: edition 2021 is {of_2021}, not the paper's {PAPER_2021}"


def check_providers():
    """Zones of providers, and the factors that make intensity of generation."""
    rows = read("provider_zones.csv")
    yield from repeated("provider_zones.csv", rows, "provider", "zone")
    yield from blanks("provider_zones.csv", rows, "name", "source", "licence")
    known = zone_universe() | {row["zone"] for row in read("zones.csv")}
    for at, row in enumerate(rows, 2):
        if row["zone"] not in known:
            yield f"provider_zones.csv:{at}: no zone {row['zone']} in the tables"
    factors = read("generation_factors.csv")
    yield from repeated("generation_factors.csv", factors, "fuel")
    yield from blanks("generation_factors.csv", factors, "set", "source", "licence")
    for column in ("lifecycle_g_per_kwh", "direct_g_per_kwh"):
        yield from out_of_range("generation_factors.csv", factors, column, 0, MAX_G_PER_KWH)
    for at, row in enumerate(factors, 2):
        if float(row["direct_g_per_kwh"]) > float(row["lifecycle_g_per_kwh"]):
            yield f"generation_factors.csv:{at}: direct is more than life-cycle"


def check_legal_zones():
    """Legal zones: the European Union has 27 members, each dated, with its source."""
    rows = read("legal_zones.csv")
    yield from repeated("legal_zones.csv", rows, "legal_zone", "country")
    yield from blanks("legal_zones.csv", rows, "name", "as_of", "source", "licence")
    yield from out_of_range("legal_zones.csv", rows, "since", 1958, 2100)
    members = sum(1 for row in rows if row["legal_zone"] == "EU")
    if members != EU_MEMBERS:
        yield f"legal_zones.csv: {members} members of the EU, {EU_MEMBERS} wanted"
    known = {row["country"] for row in read("annual.csv")}
    for row in rows:
        if row["country"] not in known:
            yield f"legal_zones.csv: {row['country']} is no country of annual.csv"


def check_paper():
    """The paper's printed cells: whole, each once, alike where printed twice, pausing never below waiting."""
    rows, jobs = read("paper_2022.csv"), read("paper_2022_jobs.csv")
    yield from repeated("paper_2022.csv", rows, "table", "job", "window", "measure")
    yield from repeated("paper_2022_jobs.csv", jobs, "name")
    yield from out_of_range("paper_2022.csv", rows, "value", 0, 3000)
    yield from out_of_range("paper_2022_jobs.csv", jobs, "slots", 1, 2592)
    cells = {(row["table"], row["job"], row["window"], row["measure"]): row["value"] for row in rows}
    for table, window in PAPER_WINDOWS.items():
        for job in (row["name"] for row in jobs):
            at = f"paper_2022.csv: Table {table}, {job}, {window}"
            found = {measure: cells.get((table, job, window, measure)) for measure in PAPER_MEASURES}
            if None in found.values():
                yield f"{at}: a cell is missing"
            elif float(found["lowest_slots"]) < float(found["flexible_start"]):
                yield f"{at}: lowest_slots is below flexible_start"
    for first, again in (("4", "13"), ("5", "9")):
        for (table, *cell), value in cells.items():
            if table == first and cells.get((again, *cell)) != value:
                yield f"paper_2022.csv: {' '.join(cell)} differs between Tables {first} and {again}"
    if len(rows) != PAPER_CELLS:
        yield f"paper_2022.csv: {len(rows)} cells, {PAPER_CELLS} wanted"


def check_typical():
    """Typical intensity: whole, in range, named, and swinging where it should."""
    rows, zones = read(make_typical.TYPICAL), read(make_typical.ZONES)
    if len(rows) != 24 * len(zones):
        yield f"{make_typical.TYPICAL}: {len(rows)} rows for {len(zones)} zones, 24 each wanted"
    yield from repeated(make_typical.TYPICAL, rows, "zone", "month", "day")
    for hour in range(24):
        yield from out_of_range(make_typical.TYPICAL, rows, f"h{hour:02d}", 0.1, MAX_G_PER_KWH)
    swinging = sum(1 for row in zones if float(row["daily_swing_pct"]) > MIN_SWING_PCT)
    if swinging < MIN_SWINGING:
        yield (f"{make_typical.ZONES}: {swinging} zones swing over {MIN_SWING_PCT} % a day, "
               f"at least {MIN_SWINGING} wanted")
    named = {row["zone"] for row in read("zones.csv")} | {row["zone"] for row in read("annual.csv")}
    for zone in sorted({row["zone"] for row in zones + read("regions.csv")} - named):
        yield f"zones.csv: no name for {zone}"
    notice = DATA / "typical_odbl.LICENSE.md"
    if not notice.is_file() or "Open Database License" not in notice.read_text(encoding="utf-8"):
        yield "typical_odbl.LICENSE.md: the ODbL notice is missing"


def check_typical_error():
    """Error of the typical year: of every zone, by its own years where there are any, with savings by promise."""
    name, rows = typical_error.ERROR, read(typical_error.ERROR)
    if [row["zone"] for row in rows] != [row["zone"] for row in read(make_typical.ZONES)]:
        yield f"{name}: its zones are not those of {make_typical.ZONES}"
    held_out = {row["zone"] for row in read(typical_error.INPUTS)}
    savings = read(typical_error.SAVINGS)
    known = {row["of"] for row in savings}
    for at, row in enumerate(rows, start=2):
        if row["basis"] != ("held-out" if row["zone"] in held_out else "pooled"):
            yield f"{name}:{at}: {row['zone']} is {row['basis']}, but not by {typical_error.INPUTS}"
        if row["savings_of"] not in known:
            yield f"{name}:{at}: no savings of '{row['savings_of']}'"
    yield from out_of_range(name, rows, "low95_pct", -100, 0)
    yield from out_of_range(name, rows, "high95_pct", 0, 1000)
    yield from repeated(typical_error.SAVINGS, savings, "of", "promised_pct")
    for at, row in enumerate(savings, start=2):
        if not float(row["low10_pct"]) < float(row["mean_pct"]) < float(row["high90_pct"]):
            yield f"{typical_error.SAVINGS}:{at}: the mean is not between the quantiles"


def check_rebuild(data_dir):
    """The committed typical files are what the named inputs give."""
    try:
        built = make_typical.build(data_dir) | typical_error.build(data_dir)
    except make_typical.InputError as error:
        yield f"inputs: {error}"
        return
    for name, text in built.items():
        committed = (DATA / name).read_bytes()
        fresh = text.encode("utf-8")
        if committed != fresh:
            old, new = committed.split(b"\n"), fresh.split(b"\n")
            at = next((i for i, (a, b) in enumerate(zip(old, new)) if a != b),
                      min(len(old), len(new)))
            yield f"{name}:{at + 1}: differs from what the inputs give"


def main():
    """Command line."""
    faults = []
    for check in (check_regions, check_annual, check_cities, check_hardware, check_embodied,
                  check_equivalents, check_legal_zones, check_paper, check_providers, check_typical,
                  check_typical_error):
        faults.extend(check())
    if len(sys.argv) > 1:
        if not pathlib.Path(sys.argv[1]).is_dir():
            faults.append(f"{sys.argv[1]}: no such folder")
        else:
            faults.extend(check_rebuild(pathlib.Path(sys.argv[1])))
            faults.extend(check_import.check_import(pathlib.Path(sys.argv[1]),
                                                    check_import.binary_of(HERE.parent)))
    for fault in faults:
        print(f"check_data: {fault}", file=sys.stderr)
    if not faults:
        rebuilt = "rebuilt bit for bit, " if len(sys.argv) > 1 else ""
        print(f"check_data: {rebuilt}all tables in order")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
