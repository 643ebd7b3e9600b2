"""A loopback EIA API v2 (api.eia.gov), as docs/providers/eia.md describes it: rto/fuel-type-data and rto/region-data.

Hours by their end, values and `total` as text, at most `page` rows an answer. Truth: zone a respondent, signal a code of a
fuel ("NG", "SUN") or "net"; MWh of the hour that begins at the time; None: the row has null.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import server
from server import Answer, Request

HOUR = timedelta(hours=1)


def day_mix(zone: str, signal: str, at: datetime) -> float | None:
    """A made-up mix: sun by day, wind by night, gas for the rest; `net` is their sum."""
    sun = max(0.0, 6000.0 - 1000.0 * abs(at.hour - 20)) if zone == "CISO" else 500.0
    fuels = {"NG": 9000.0 - sun, "SUN": sun, "WND": 1500.0 + 50.0 * at.hour, "NUC": 2200.0, "WAT": 1100.0, "BAT": -300.0}
    return sum(fuels.values()) if signal == "net" else fuels.get(signal)


class Provider(server.Provider):
    name = "eia"
    routes = [("GET", "/v2/electricity/rto/{kind}/data/", "data")]

    def __init__(self, truth: server.Truth = day_mix, *args: Any, key: str = "eia-key", page: int = 5000,
                 fuels: tuple[str, ...] = ("NG", "SUN", "WND", "NUC", "WAT", "BAT"),
                 respondents: tuple[str, ...] = ("CISO", "ERCO", "US48"), **more: Any) -> None:
        super().__init__(truth, *args, **more)
        self.key, self.page, self.fuels, self.respondents = key, page, fuels, respondents

    def error(self, status: int, message: str) -> Answer:
        return Answer({"error": message, "code": status}, status)

    def refuse(self, request: Request) -> Answer | None:
        key = request.one("api_key")
        if key == self.key:
            return None
        code = "API_KEY_INVALID" if key else "API_KEY_MISSING"
        return Answer({"error": {"code": code, "message": "An invalid api_key was supplied." if key else "No api_key."}}, 403)

    def data(self, request: Request) -> Answer:
        net = request.params["kind"] == "region-data"
        if request.one("data[0]") != "value" or request.one("frequency") != "hourly":
            return self.error(400, "Invalid data or frequency")
        rows = []
        begin, last = (server.parse_time(request.one(key) + ":00") for key in ("start", "end"))  # both ends belong
        for respondent in set(request.query["facets[respondent][]"]) & set(self.respondents):
            for at in server.steps(begin - HOUR, min(last, self.now()), HOUR):
                rows += [self.row(respondent, fuel, at) for fuel in (("net",) if net else self.fuels)]
        offset, length = int(request.one("offset", "0")), min(int(request.one("length", "5000")), self.page)
        return Answer({"response": {"total": str(len(rows)), "dateFormat": 'YYYY-MM-DD"T"HH24', "frequency": "hourly",
                                    "data": rows[offset: offset + length]},
                       "request": {"command": request.path, "params": {}}, "apiVersion": "2.1.12"})

    def row(self, respondent: str, fuel: str, at: datetime) -> dict[str, Any]:
        value = self.truth(respondent, fuel, at)
        of = {"type": "NG", "type-name": "Net generation"} if fuel == "net" else {"fueltype": fuel, "type-name": fuel}
        return {"period": (at + HOUR).strftime("%Y-%m-%dT%H"), "respondent": respondent, "respondent-name": respondent,
                **of, "value": None if value is None else str(round(value)), "value-units": "megawatthours"}
