"""A loopback WattTime API v3, as docs/providers/watttime.md describes it.

Truth: zone is the region, signal "co2_moer" or "co2_aoer", in g/kWh; told in lbs/MWh. Marginal at 5 minutes with
forecasts, average hourly. Both ends of a range are inclusive, 32 days at most (a day of past forecasts). Tokens live
`token_age`; `open_regions` are those that the account may read (None: all); `models` are (from, date) in order, and a
request for the newest is answered with the last that had begun at its start.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import server
from server import Answer, Request

POUNDS_PER_MWH = 1 / 0.45359237  # of a g/kWh
STEPS = {"co2_moer": timedelta(minutes=5), "co2_aoer": timedelta(hours=1)}
LONGEST = {"/v3/historical": timedelta(days=32), "/v3/forecast/historical": timedelta(days=1)}
# (region, latitude, longitude): a point belongs to the nearest within 5 degrees.
PLACES = (("CAISO_NORTH", 37.8, -122.4), ("PJM_DC", 38.9, -77.0), ("FR", 47.0, 2.4), ("DE", 51.0, 10.0))


class Refused(Exception):
    """An error of the API: a status and what it says."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Provider(server.Provider):
    name = "watttime"
    routes = [
        ("GET", "/login", "login"),
        ("GET", "/v3/my-access", "my_access"),
        ("GET", "/v3/region-from-loc", "region_from_loc"),
        ("GET", "/v3/signal-index", "signal_index"),
        ("GET", "/v3/historical", "historical"),
        ("GET", "/v3/forecast", "forecast"),
        ("GET", "/v3/forecast/historical", "forecasts"),
    ]

    def __init__(self, *args: Any, users: dict[str, str] | None = None, token_age: timedelta = timedelta(minutes=30),
                 open_regions: set[str] | None = None, models: tuple[tuple[datetime, str], ...] = (),
                 imputed: Callable[[datetime], bool] = lambda at: False, **more: Any) -> None:
        super().__init__(*args, **more)
        self.users = users or {"ann": "correct-horse"}
        self.token_age = token_age
        self.open_regions = open_regions
        self.models = models or ((datetime(2000, 1, 1, tzinfo=UTC), "2025-06-01"),)
        self.imputed = imputed
        self.tokens: dict[str, datetime] = {}
        self.answers_left: int | None = None  # data answers until every token expires once

    def answer(self, request: Request) -> Answer:
        try:
            return super().answer(request)
        except Refused as refused:
            return self.error(refused.status, str(refused))
        except (ValueError, KeyError) as error:
            return self.error(400, f"bad parameter: {error}")

    def refuse(self, request: Request) -> Answer | None:
        if request.path == "/login":
            return None
        if self.answers_left is not None:
            self.answers_left -= 1
            if self.answers_left < 0:
                self.answers_left = None
                self.tokens.clear()
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        born = self.tokens.get(token)
        if born is None or self.now() - born >= self.token_age:
            return self.error(401, "Invalid or expired token")
        return None

    def login(self, request: Request) -> Answer:
        given = base64.b64decode(request.headers.get("authorization", "").removeprefix("Basic ") or b"Og==").decode()
        user, _, password = given.partition(":")
        if self.users.get(user) != password:
            return self.error(401, "Invalid username or password")
        token = secrets.token_urlsafe(24)
        self.tokens[token] = self.now()
        return Answer({"token": token})

    def signal(self, request: Request) -> str:
        signal = request.one("signal_type", "co2_moer")
        if signal not in STEPS:
            raise Refused(400, f"unknown signal_type {signal}")
        return signal

    def region(self, request: Request) -> str:
        region = request.one("region")
        if not region:
            raise Refused(422, "region: field required")
        if self.open_regions is not None and region not in self.open_regions:
            raise Refused(403, f"Invalid scope: no access to {region}. Without a subscription CAISO_NORTH is open.")
        return region

    def span(self, request: Request) -> tuple[datetime, datetime]:
        ends = []
        for name in ("start", "end"):
            at = datetime.fromisoformat(request.one(name).replace("Z", "+00:00"))
            if at.tzinfo is None:
                raise Refused(400, f"{name} needs a time zone")
            ends.append(at.astimezone(UTC))
        begin, end = ends
        if end < begin or end - begin > LONGEST[request.path]:
            raise Refused(400, f"a range of at most {LONGEST[request.path].days} days is allowed")
        return begin, end

    def model(self, request: Request, at: datetime) -> str:
        dates = [date for since, date in self.models if since <= at] or [self.models[0][1]]
        wanted = request.one("model") or dates[-1]
        if wanted not in {date for _, date in self.models}:
            raise Refused(400, f"no model {wanted}")
        return wanted

    def meta(self, request: Request, at: datetime, **more: Any) -> dict[str, Any]:
        signal = self.signal(request)
        return {"data_point_period_seconds": int(STEPS[signal].total_seconds()), "region": request.one("region"),
                "signal_type": signal, "units": "lbs_co2_per_mwh", "warnings": [],
                "model": {"date": self.model(request, at), "type": "binned_regression"}} | more

    def point(self, region: str, signal: str, at: datetime) -> dict[str, Any] | None:
        said = self.truth(region, signal, at)
        return None if said is None else {"point_time": server.iso(at), "value": said * POUNDS_PER_MWH}

    def points(self, region: str, signal: str, begin: datetime, end: datetime) -> list[dict[str, Any]]:
        """Both ends are of it."""
        times = [at for at in server.steps(begin, end + timedelta(microseconds=1), STEPS[signal]) if at >= begin]
        return [point for at in times if (point := self.point(region, signal, at))]

    def historical(self, request: Request) -> Answer:
        region, signal = self.region(request), self.signal(request)
        begin, end = self.span(request)
        rows = self.points(region, signal, begin, min(end, self.now() - STEPS[signal]))
        if request.one("include_imputed_marker") == "true":
            for row in rows:
                row["imputed_data_used"] = self.imputed(server.parse_time(row["point_time"]))
        return Answer({"data": rows, "meta": self.meta(request, begin)})

    def horizon(self, request: Request) -> timedelta:
        hours = int(request.one("horizon_hours", "24"))
        if not 0 <= hours <= 72:
            raise Refused(400, "horizon_hours is 0 to 72")
        if self.signal(request) != "co2_moer":
            raise Refused(400, "no forecast of this signal")
        return max(timedelta(hours=hours), STEPS["co2_moer"])

    def said_at(self, request: Request, at: datetime) -> list[dict[str, Any]]:
        """The forecast that was issued at `at`: 288 points for 24 hours."""
        last = at + self.horizon(request) - STEPS["co2_moer"]
        return self.points(self.region(request), "co2_moer", at, last)

    def forecast(self, request: Request) -> Answer:
        issued = server.steps(self.now(), self.now() + timedelta(seconds=1), STEPS["co2_moer"])[0]
        return Answer({"data": self.said_at(request, issued), "meta": self.meta(
            request, issued, generated_at=server.iso(issued), generated_at_period_seconds=300)})

    def forecasts(self, request: Request) -> Answer:
        begin, end = self.span(request)
        ends = min(end, self.now()) + timedelta(seconds=1)  # nothing is issued before its time
        times = [at for at in server.steps(begin, ends, STEPS["co2_moer"]) if at >= begin]
        rows = [{"generated_at": server.iso(at), "forecast": self.said_at(request, at)} for at in times]
        return Answer({"data": rows, "meta": self.meta(request, begin, generated_at_period_seconds=300)})

    def region_from_loc(self, request: Request) -> Answer:
        lat, lon = float(request.one("latitude")), float(request.one("longitude"))
        if not request.one("signal_type"):
            raise Refused(422, "signal_type: field required")
        near, name = min((abs(lat - y) + abs(lon - x), name) for name, y, x in PLACES)
        if near > 5:
            raise Refused(404, "Coordinates are not within any region")
        return Answer({"region": name, "region_full_name": f"{name} of the rig", "signal_type": self.signal(request)})

    def signal_index(self, request: Request) -> Answer:
        self.region(request)
        now = self.now()
        return Answer({"data": [{"point_time": server.iso(now), "value": 42.0}],
                       "meta": self.meta(request, now, units="percentile")})

    def my_access(self, request: Request) -> Answer:
        model = {"model": self.models[-1][1], "type": "binned_regression", "data_start": "2018-01-01T00:00:00+00:00",
                 "data_end": None, "train_start": "2023-01-01T00:00:00+00:00", "train_end": "2023-12-31T00:00:00+00:00"}
        names = [name for name, _, _ in PLACES if self.open_regions is None or name in self.open_regions]
        ends = {"co2_moer": ("v3/historical", "v3/forecast", "v3/forecast/historical"), "co2_aoer": ("v3/historical",)}
        return Answer({"signal_types": [{"signal_type": signal, "regions": [
            {"region": name, "region_full_name": f"{name} of the rig", "parent": "RIG",
             "data_point_period_seconds": int(STEPS[signal].total_seconds()),
             "endpoints": [{"endpoint": end, "models": [model]} for end in ends[signal]]}
            for name in names]} for signal in ends if request.one("signal_type", signal) == signal]})
