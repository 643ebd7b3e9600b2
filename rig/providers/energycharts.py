"""A loopback Energy-Charts (api.energy-charts.info), as docs/providers/energycharts.md describes it: /co2eq alone.

15 minutes for de, an hour for the rest. Measured until `lag` before now, then forecasts in a list of their own for `ahead`;
nulls fill the other. Truth: zone by its two letters, signal "measured" or "forecast".
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import server
from server import Answer, Request


def read_date(text: str) -> datetime:
    return datetime.fromtimestamp(int(text), UTC) if text.isdigit() else server.parse_time(text)


class Provider(server.Provider):
    name = "energycharts"
    routes = [("GET", "/co2eq", "co2eq")]

    def __init__(self, *args: Any, countries: tuple[str, ...] = ("de", "fr", "uk", "ch"),
                 lag: timedelta = timedelta(minutes=30), ahead: timedelta = timedelta(hours=24), **more: Any) -> None:
        super().__init__(*args, **more)
        self.countries, self.lag, self.ahead = countries, lag, ahead

    def error(self, status: int, message: str) -> Answer:
        return Answer({"detail": [{"loc": ["query"], "msg": message, "type": "value_error"}]}, status)

    def co2eq(self, request: Request) -> Answer:
        country = request.one("country", "de")
        if country not in self.countries:
            return self.error(404, f"no data for country {country}")
        day = self.now().replace(hour=0, minute=0, second=0, microsecond=0)
        try:
            begin = read_date(request.one("start")) if "start" in request.query else day
            end = read_date(request.one("end")) if "end" in request.query else day + timedelta(days=1)
        except ValueError:
            return self.error(422, "invalid datetime format")
        step = timedelta(minutes=15) if country == "de" else timedelta(hours=1)
        known, last = self.now() - self.lag, self.now() + self.ahead
        # Both ends belong to it.
        times = [at for at in server.steps(begin, min(end + timedelta(seconds=1), last), step) if at >= begin]
        return Answer({
            "license_info": "CC BY 4.0", "unix_seconds": [int(at.timestamp()) for at in times],
            "co2eq": [self.truth(country, "measured", at) if at + step <= known else None for at in times],
            "co2eq_forecast": [None if at + step <= known else self.truth(country, "forecast", at) for at in times],
            "deprecated": False})
