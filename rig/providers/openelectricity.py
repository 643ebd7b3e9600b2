"""A loopback Open Electricity (api.openelectricity.org.au), as docs/providers/openelectricity.md describes it.

/v4/data/network/{NEM,WEM}: `emissions` in t and `energy` in MWh. Times asked and answered are the network's own (NEM +10:00,
WEM +08:00, all year). Truth: zone a region (NSW1, ..) or network, signal "emissions" or "energy", of the interval.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import server
from server import Answer, Request

NETWORKS = {"NEM": (timezone(timedelta(hours=10)), ("NSW1", "QLD1", "VIC1", "SA1", "TAS1")),
            "WEM": (timezone(timedelta(hours=8)), ("WEM",))}
STEPS = {"5m": (timedelta(minutes=5), timedelta(days=8)), "1h": (timedelta(hours=1), timedelta(days=32))}
UNITS = {"emissions": "t", "energy": "MWh"}


def day_power(zone: str, signal: str, at: datetime) -> float | None:
    """1000 MWh always; emissions by the shared wave."""
    return 1000.0 if signal == "energy" else round(server.day_curve(zone, "intensity", at), 1)


class Provider(server.Provider):
    name = "openelectricity"
    routes = [("GET", "/v4/data/network/{network}", "data")]

    def __init__(self, truth: server.Truth = day_power, *args: Any, key: str = "oe-key", **more: Any) -> None:
        super().__init__(truth, *args, **more)
        self.key = key

    def error(self, status: int, message: str) -> Answer:
        return Answer({"detail": message}, status)

    def refuse(self, request: Request) -> Answer | None:
        return None if request.headers.get("authorization") == f"Bearer {self.key}" else self.error(401, "Invalid API key")

    def data(self, request: Request) -> Answer:
        network = request.params["network"]
        if network not in NETWORKS or request.one("interval") not in STEPS:
            return self.error(422, "unknown network or interval")
        zone, regions = NETWORKS[network]
        step, longest = STEPS[request.one("interval")]
        begin, end = (datetime.fromisoformat(request.one(key)) for key in ("date_start", "date_end"))
        if begin.tzinfo or end.tzinfo:
            return self.error(400, "dates are of the network's own time, without a zone")
        if end - begin > longest:
            return self.error(400, f"Date range too large for interval {request.one('interval')}")
        begin, end = begin.replace(tzinfo=zone).astimezone(UTC), end.replace(tzinfo=zone).astimezone(UTC)
        grouped = request.one("primary_grouping") == "network_region"
        wanted = request.query.get("network_region", regions) if grouped else (network,)
        times = server.steps(begin, min(end, self.now()), step)
        return Answer({"version": "4.0", "created_at": server.iso(self.now()), "success": True, "error": None, "data": [
            {"network_code": network, "metric": metric, "unit": UNITS[metric], "interval": request.one("interval"),
             "groupings": ["network_region"] if grouped else [], "results": [
                {"name": f"{metric}_{name}", "columns": {"region": name} if grouped else {},
                 "data": [[at.astimezone(zone).isoformat(), self.truth(name, metric, at)] for at in times]}
                for name in wanted]}
            for metric in request.query.get("metrics", []) if metric in UNITS]})
