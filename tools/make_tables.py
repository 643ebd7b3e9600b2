#!/usr/bin/env python3
"""Write the tables of facts under data/ from the collected ones.

    tools/make_tables.py TABLES_DIR [--out DIR]

A small, documented change of form (data/README.md, "How the tables came about"): keys in lowtide's
namespaces, one row a key, the licence in a column of its own, and nothing that is only remembered
where a figure would be shown to a user as a fact. Only the standard library is used.
"""

import argparse
import csv
import io
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
MEMORY = "from memory"

# Subdivisions that are not keys of Electricity Maps, and the namespace they go by instead.
RENAMED = {
    "AU-ACT": "iso:AU-ACT", "AU-NT2": "nga:NT-DKIS", "AU-WA1": "nga:WA-NWIS", "AU-WA2": "AU-WA",
    "CA-NL": "iso:CA-NL",
}
NAMES = {"US-MS": "Mississippi"}  # cut short in the source

EMBER = "Ember yearly electricity data via Green Web Foundation co2.js"
LICENCES = (
    ("Ember", "CC BY 4.0"),
    ("Green Algorithms", "CC BY 4.0"),
    ("eGRID", "public domain"),
    ("codecarbon", "MIT"),
    ("mlco2", "MIT"),
    ("EPA", "public domain"),
    ("median of", "MIT (derived)"),
)


def licence_of(source):
    """Licence of a source; a single published figure of a vendor is a fact without one."""
    for word, licence in LICENCES:
        if word in source:
            return licence
    return "fact"


def read(path):
    """All rows of a CSV file as dictionaries."""
    with open(path, encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


def write(path, header, rows):
    """CSV with plain line ends."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    path.write_bytes(out.getvalue().encode("utf-8"))


def regions(tables):
    """regions.csv: cloud regions, sorted by provider and region."""
    for row in sorted(tables, key=lambda r: (r["provider"], r["region"])):
        coordinates = row["coordinates_source"].split(" (")[0]
        if coordinates == "approximate":
            coordinates = "approximate place of the published town"
        published = "not published" not in row["pue_source"]
        yield [row["provider"], row["region"], row["electricitymaps_zone"], row["name"],
               row["latitude"], row["longitude"], row["country_iso2"], row["pue"],
               "region" if published else "provider", row["pue_source"], row["watttime_region"],
               row["watttime_source"], coordinates,
               "MIT" if "carbon-aware-sdk" in coordinates else "fact"]


def annual_key(row):
    """Zone key in lowtide's namespaces."""
    zone = row["zone"]
    if zone == "X-WORLD":
        return "world"
    if zone.startswith("X-"):
        return "ember:" + zone[2:]
    if zone.startswith("EGRID-"):
        return "egrid:" + zone[6:]
    if row["kind"] == "country_average_lifecycle":
        return row["country_iso2"]
    if zone.startswith("US-"):
        return "iso:" + zone
    return RENAMED.get(zone, zone)


def annual(tables):
    """annual.csv: the newest CO2e figure of each zone."""
    newest = {}
    for row in tables:
        if row["kind"].endswith("_co2"):  # CO2 alone; each of these zones has a CO2e figure
            continue
        key = annual_key(row)
        if key not in newest or row["year"] > newest[key]["year"]:
            newest[key] = row
    for key in sorted(newest):
        row = newest[key]
        lifecycle = "lifecycle" in row["kind"]
        source = EMBER if lifecycle else row["source"].replace(" (public domain)", "")
        source = source.replace(" (CC BY 4.0)", "")
        kind = re.sub("_average_lifecycle$|_total_output_direct$|_average$", "", row["kind"])
        yield [key, NAMES.get(row["zone"], row["name"]), row["country_iso2"], row["year"],
               row["g_co2e_per_kwh"], "average", "lifecycle" if lifecycle else "direct", "co2e",
               kind, source, licence_of(row["source"])]


def cpus(tables):
    """cpu_tdp.csv: models, then medians of families."""
    for row in tables:
        yield [row["name"], row["vendor"], row["family"], row["cores"], row["tdp_w"], row["year"],
               "memory" if MEMORY in row["source"] else "verified",
               row["source"].replace(" (MIT)", ""), licence_of(row["source"])]


def gpus(tables):
    """gpu_tdp.csv: accelerators whose TDP is published, with embodied carbon where known."""
    for row in tables:
        if not row["tdp_w"]:
            continue
        embodied = row["embodied_source"]
        status = ("memory" if MEMORY in embodied else "verified") if row["embodied_kgco2e"] else ""
        yield [row["name"], row["vendor"], row["tdp_w"], row["memory_gb"], row["year"],
               row["embodied_kgco2e"], status, embodied, row["status"],
               row["source"].replace(" in stored code search", ""), licence_of(row["source"])]


# Of the EPA edition after 2021, whatever the collection calls them.
LATER_EDITION = {"mile_passenger_vehicle_2021": "2022", "home_energy_year_2021": "2022"}
DODGE = "EPA calculator of 2021, as Dodge et al. 2022 (arXiv:2206.05229) quote it"
# The factors of 2021 that the collection lacks: name, grams, gas (as of EPA's other editions), quoted.
QUOTED_2021 = (
    ("mile_passenger_vehicle", 398, "co2e", "3.98e-4 t/mile"),
    ("gallon_gasoline", 8887, "co2", "8.887e-3 t"),
    ("home_energy_year", 8300000, "co2", "8.30 t"),
    ("railcar_coal", 181290000, "co2", "181.29 t"),
    ("barrel_oil", 430000, "co2", "0.43 t"),
)


def equivalents(tables):
    """equivalents.csv: everyday equivalences, a row an edition; none only remembered."""
    described = {}
    for row in tables:
        name = re.sub(r"(_co2e)?_\d{4}$", "", row["key"])
        described.setdefault(name, row["description"])
        if MEMORY in row["status"] or MEMORY in row["source"]:
            continue
        yield [name, row["description"], row["g_per_unit"], row["unit"].split("_")[1],
               LATER_EDITION.get(row["key"], row["year"]), row["status"].split(" ")[0],
               row["source"], "public domain"]
    for name, factor, gas, quoted in QUOTED_2021:
        yield [name, described[name], factor, gas, "2021", "quoted", f"{DODGE}: {quoted}",
               "public domain"]


TABLES = {
    "regions.csv": ("cloud_regions.csv", regions, [
        "provider", "region", "zone", "name", "lat", "lon", "country", "pue", "pue_of",
        "pue_source", "watttime_region", "watttime_source", "source", "licence"]),
    "annual.csv": ("annual_intensity.csv", annual, [
        "zone", "name", "country", "year", "g_per_kwh", "signal", "scope", "gas", "kind", "source",
        "licence"]),
    "cpu_tdp.csv": ("cpu_tdp.csv", cpus, [
        "name", "vendor", "family", "cores", "tdp_w", "year", "status", "source", "licence"]),
    "gpu_tdp.csv": ("gpu_tdp.csv", gpus, [
        "name", "vendor", "tdp_w", "memory_gb", "year", "embodied_kgco2e", "embodied_status",
        "embodied_source", "status", "source", "licence"]),
    "equivalents.csv": ("equivalents.csv", equivalents, [
        "key", "description", "g_per_unit", "gas", "edition", "status", "source", "licence"]),
}


def main():
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tables_dir", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path, default=HERE.parent / "data")
    arguments = parser.parse_args()
    for name, (source, rows, header) in TABLES.items():
        write(arguments.out / name, header, rows(read(arguments.tables_dir / source)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
