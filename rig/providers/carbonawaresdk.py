"""A loopback Carbon Aware SDK web API, as docs/providers/carbonawaresdk.md describes it.

/emissions/bylocation, /emissions/forecasts/current, /locations. As with some sources behind it, `bylocation` answers with the
whole UTC days that the span touches, and rows carry the grid's name instead of the location's. Truth: zone a location, signal
"emissions" or "forecast".
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import server
from server import Answer, Request

LOCATIONS = {"eastus": (37.3719, -79.8164), "westeurope": (52.3667, 4.9)}


class Provider(server.Provider):
    name = "carbonawaresdk"
    routes = [
        ("GET", "/locations", "locations"),
        ("GET", "/emissions/bylocation", "by_location"),
        ("GET", "/emissions/forecasts/current", "forecast"),
    ]

    def __init__(self, *args: Any, step: timedelta = timedelta(hours=1), forecasts: bool = True, **more: Any) -> None:
        super().__init__(*args, **more)
        self.step, self.forecasts = step, forecasts

    def error(self, status: int, message: str) -> Answer:
        return Answer({"title": message, "status": status, "detail": "", "errors": {}, "traceId": "00-0"}, status)

    def locations(self, _: Request) -> Answer:
        return Answer({name: {"Latitude": lat, "Longitude": lon, "Name": name} for name, (lat, lon) in LOCATIONS.items()})

    def by_location(self, request: Request) -> Answer:
        location = request.one("location")
        if location not in LOCATIONS:
            return self.error(400, f"Unknown Location: Location name '{location}' not found")
        begin, end = (server.parse_time(request.one(key)) for key in ("time", "toTime"))
        day = timedelta(days=1)
        begin, end = server.steps(begin, end, day)[0], server.steps(begin, end, day)[-1] + day
        rows = [(at, self.truth(location, "emissions", at))
                for at in server.steps(begin, min(end, self.now()), self.step)]
        rows = [{"location": "GRID", "time": server.iso(at), "rating": value, "duration": self.time_span()}
                for at, value in rows if value is not None]
        return Answer(rows) if rows else Answer(None, 204)

    def time_span(self) -> str:
        seconds = int(self.step.total_seconds())
        return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"

    def forecast(self, request: Request) -> Answer:
        if not self.forecasts:
            return self.error(501, "NotImplemented")
        now, answer = self.now(), []
        for location in request.query.get("location", []):
            rows = [{"location": "GRID", "timestamp": server.iso(at), "duration": int(self.step.total_seconds() / 60),
                     "value": self.truth(location, "forecast", at)}
                    for at in server.steps(now, now + timedelta(hours=24), self.step)]
            answer.append({"generatedAt": server.iso(now), "requestedAt": server.iso(now), "location": location,
                           "dataStartAt": rows[0]["timestamp"], "dataEndAt": server.iso(now + timedelta(hours=24)),
                           "windowSize": int(self.step.total_seconds() / 60),
                           "optimalDataPoints": [min(rows, key=lambda row: row["value"])], "forecastData": rows})
        return Answer(answer)
