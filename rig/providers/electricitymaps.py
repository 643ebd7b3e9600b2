"""A loopback Electricity Maps API, versions 3 and 4, as docs/providers/electricitymaps.md describes it.

Truth: zone, signal "lifecycle" or "direct", whole g/kWh. `keys` maps a key to what its plan lacks: names of
temporalities ("past-range"), granularities ("5_minutes") and zones ("zone:FR"). An unknown place is answered with that
of the caller (`caller`) unless the request says otherwise. `estimated` says by what method a time is estimated, if so.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import server
from server import Answer, Request

GRAINS = {"5_minutes": timedelta(minutes=5), "15_minutes": timedelta(minutes=15), "hourly": timedelta(hours=1)}
LONGEST = {"5_minutes": timedelta(days=1), "15_minutes": timedelta(days=2), "hourly": timedelta(days=10)}
ZONES = ("DE", "FR", "BE", "US-CAL-CISO", "US-NW-BPAT")
CENTRES = {("gcp", "europe-west1"): "BE", ("azure", "westus2"): "US-NW-BPAT", ("aws", "eu-west-3"): "FR"}
PLACES = (("FR", 47.0, 2.4), ("DE", 51.0, 10.0), ("BE", 50.6, 4.6), ("US-CAL-CISO", 37.2, -120.5))


class Refused(Exception):
    """An error of the API: a status and its members."""

    def __init__(self, status: int, **said: str) -> None:
        super().__init__(str(said))
        self.status, self.said = status, said


def spell(at: datetime) -> str:
    return server.iso(at, "milliseconds").replace("+00:00", "Z")


class Provider(server.Provider):
    name = "electricitymaps"
    routes = [("GET", "/{version}/health", "health"), ("GET", "/{version}/zones", "zones"),
              ("GET", "/{version}/carbon-intensity/{temporality}", "carbon_intensity")]

    def __init__(self, *args: Any, keys: dict[str, set[str]] | None = None, caller: str = "DE",
                 estimated: Callable[[datetime], str | None] = lambda at: None, **more: Any) -> None:
        super().__init__(*args, **more)
        self.keys = {"k3y-of-ann": set()} if keys is None else keys
        self.caller = caller
        self.estimated = estimated

    def answer(self, request: Request) -> Answer:
        try:
            return super().answer(request)
        except Refused as refused:
            return Answer(refused.said, refused.status)
        except ValueError as error:
            return self.error(400, f"Invalid argument: {error}")

    def health(self, request: Request) -> Answer:
        return Answer({"status": "ok"})

    def zones(self, request: Request) -> Answer:
        known = {zone: {"zoneName": zone} for zone in ZONES}
        if request.headers.get("auth-token") in self.keys:
            for zone in known.values():
                zone["access"] = ["carbon-intensity/latest", "carbon-intensity/history"]
        return Answer(known)

    def lacks(self, request: Request) -> set[str]:
        key = request.headers.get("auth-token", "")
        if key not in self.keys:
            raise Refused(401, error="Invalid auth-token")
        return self.keys[key]

    def zone(self, request: Request) -> str:
        """Of what the request names of a place; of the caller where it names none that is known."""
        zone = request.one("zone") or request.one("countryCode")
        if zone in ZONES:
            return zone
        if not zone and request.one("lat"):
            lat, lon = float(request.one("lat")), float(request.one("lon"))
            near, name = min((abs(lat - y) + abs(lon - x), name) for name, y, x in PLACES)
            if near <= 5:
                return name
        centre = (request.one("dataCenterProvider"), request.one("dataCenterRegion"))
        if centre in CENTRES:
            return CENTRES[centre]
        new = request.params["version"] == "v4"
        quiet = request.one("disableCallerLookup") == "true" if new else (
            request.one("shouldUseFallbackCallerLookup") == "false")
        if quiet:
            raise Refused(400, error="No zone for this place", message="Give a zone, lat and lon, or a data centre")
        return self.caller

    def carbon_intensity(self, request: Request) -> Answer:
        lacks, temporality = self.lacks(request), request.params["temporality"]
        zone, grain = self.zone(request), request.one("temporalGranularity", "hourly")
        if grain not in GRAINS:
            raise Refused(400, error=f"Invalid temporalGranularity {grain}")
        if lacks & {temporality, grain, f"zone:{zone}"}:
            raise Refused(401, error=f"Request unauthorized for zoneKey={zone},requestType={temporality},"
                          "dataType=carbon-intensity.", message="You do not have access to this in your plan")
        make = {"latest": self.latest, "history": self.history, "past-range": self.past_range,
                "forecast": self.forecast}.get(temporality)
        return make(request, zone, grain) if make else self.error(404, "no such temporality")

    def row(self, request: Request, zone: str, at: datetime, grain: str) -> dict[str, Any]:
        scope = request.one("emissionFactorType", "lifecycle")
        if scope not in ("lifecycle", "direct"):
            raise Refused(400, error=f"Invalid emissionFactorType {scope}")
        said, method = self.truth(zone, scope, at), self.estimated(at)
        return {"zone": zone, "carbonIntensity": None if said is None else round(said), "datetime": spell(at),
                "updatedAt": spell(self.now()), "createdAt": spell(at), "emissionFactorType": scope,
                "isEstimated": method is not None, "estimationMethod": method, "temporalGranularity": grain}

    def rows(self, request: Request, zone: str, begin: datetime, end: datetime) -> list[dict[str, Any]]:
        grain = request.one("temporalGranularity", "hourly")
        return [self.row(request, zone, at, grain) for at in server.steps(begin, end, GRAINS[grain]) if at >= begin]

    def latest(self, request: Request, zone: str, grain: str) -> Answer:
        now = self.now()
        return Answer(self.row(request, zone, server.steps(now, now + timedelta(seconds=1), GRAINS[grain])[0], grain))

    def history(self, request: Request, zone: str, grain: str) -> Answer:
        key = "history" if request.params["version"] == "v3" else "data"
        rows = self.rows(request, zone, self.now() - timedelta(hours=24), self.now())
        return Answer({"zone": zone, "temporalGranularity": grain, key: rows})

    def past_range(self, request: Request, zone: str, grain: str) -> Answer:
        ends = []
        for name in ("start", "end"):
            if not request.one(name):
                raise Refused(400, error=f'Missing argument: "{name}"')
            ends.append(server.parse_time(request.one(name)))
        begin, end = ends
        if end - begin > LONGEST[grain]:
            raise Refused(400, error=f"The range is longer than {LONGEST[grain]} at {grain}")
        return Answer({"zone": zone, "temporalGranularity": grain,
                       "data": self.rows(request, zone, begin, min(end, self.now()))})

    def forecast(self, request: Request, zone: str, grain: str) -> Answer:
        hours = int(request.one("horizonHours", "24"))
        if hours not in (6, 24, 48, 72):
            raise Refused(400, error="Invalid horizonHours")
        begin = server.steps(self.now(), self.now() + timedelta(seconds=1), GRAINS[grain])[0]
        rows = self.rows(request, zone, begin, begin + timedelta(hours=hours, seconds=1))
        return Answer({"zone": zone, "temporalGranularity": grain, "updatedAt": spell(self.now()), "forecast": [
            {"carbonIntensity": row["carbonIntensity"], "datetime": row["datetime"]} for row in rows]})
