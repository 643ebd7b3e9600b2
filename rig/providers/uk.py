"""A loopback Carbon Intensity API of Great Britain (api.carbonintensity.org.uk), as docs/providers/uk.md describes it.

Half hours of UTC, times without seconds; `forecast` always, `actual` for what is over since `lag`, national only. Truth:
zone "GB" or "1".."17", signal "forecast" or "actual"; whole g/kWh. A range that begins on an edge also has the half hour
that ends there. Days of /intensity/date are London's: 46 or 50 half hours when the clock changes.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import server
from server import Answer, Request

HALF_HOUR = timedelta(minutes=30)
LONGEST = timedelta(days=14)
LONDON = ZoneInfo("Europe/London")
REGIONS = ("North Scotland", "South Scotland", "North West England", "North East England", "Yorkshire",
           "North Wales and Merseyside", "South Wales", "West Midlands", "East Midlands", "East England",
           "South West England", "South England", "London", "South East England", "England", "Scotland", "Wales")
POSTCODES = {"SW1A": 13, "E1": 13, "OX1": 12, "RG10": 12, "M15": 3, "EH1": 2, "CF10": 7, "BS1": 11}
REGION_IDS = {str(number): number for number in range(1, len(REGIONS) + 1)}


def spell(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")


class Provider(server.Provider):
    name = "uk"
    routes = [
        ("GET", "/intensity", "national_now"),
        ("GET", "/intensity/date", "national_day"),
        ("GET", "/intensity/date/{day}", "national_day"),
        ("GET", "/intensity/date/{day}/{period}", "national_day"),
        ("GET", "/intensity/{begin}", "national"),
        ("GET", "/intensity/{begin}/{end}", "national"),
        ("GET", "/regional", "regions_now"),
        ("GET", "/regional/postcode/{postcode}", "region_now"),
        ("GET", "/regional/regionid/{region}", "region_now"),
        ("GET", "/regional/intensity/{begin}/{end}", "regions"),
        ("GET", "/regional/intensity/{begin}/{end}/postcode/{postcode}", "region"),
        ("GET", "/regional/intensity/{begin}/{end}/regionid/{region}", "region"),
    ]

    def __init__(self, *args: Any, array: bool = False, lag: timedelta = HALF_HOUR, **more: Any) -> None:
        super().__init__(*args, **more)
        self.array = array  # a region over a range: the documented array, else the object that comes in practice
        self.lag = lag

    def error(self, status: int, message: str) -> Answer:
        return Answer({"error": {"code": f"{status} Bad Request", "message": message}}, status)

    def answer(self, request: Request) -> Answer:
        try:
            return super().answer(request)
        except (ValueError, LookupError):
            return self.error(400, "Please enter a valid date, postcode or region")

    def span(self, request: Request) -> list[datetime]:
        """The half hours of {begin}/{end}, where end may be fw24h, fw48h or pt24h."""
        begin = server.parse_time(request.params["begin"])
        end_text = request.params.get("end", "")
        hours = {"fw24h": 24, "fw48h": 48, "pt24h": -24}.get(end_text)
        if not end_text:
            end = begin + HALF_HOUR
        elif hours is None:
            end = server.parse_time(end_text)
        else:
            begin, end = sorted((begin, begin + timedelta(hours=hours)))
        if end - begin > LONGEST:
            raise ValueError("range")
        on_edge = begin.timestamp() % HALF_HOUR.total_seconds() == 0
        return server.steps(begin - (HALF_HOUR if on_edge and end_text else timedelta()), end, HALF_HOUR)

    def value(self, zone: str, signal: str, at: datetime) -> int | None:
        said = self.truth(zone, signal, at)
        return None if said is None else round(said)

    def row(self, zone: str, at: datetime) -> dict[str, Any]:
        intensity = {"forecast": self.value(zone, "forecast", at), "index": "moderate"}
        if zone == "GB":
            over = at + HALF_HOUR + self.lag <= self.now()
            intensity["actual"] = self.value(zone, "actual", at) if over else None
        return {"from": spell(at), "to": spell(at + HALF_HOUR), "intensity": intensity}

    def mixed_row(self, zone: str, at: datetime) -> dict[str, Any]:
        return self.row(zone, at) | {"generationmix": [{"fuel": "gas", "perc": 35.1}, {"fuel": "wind", "perc": 64.9}]}

    def this_half_hour(self) -> list[datetime]:
        return server.steps(self.now(), self.now() + timedelta(seconds=1), HALF_HOUR)[:1]

    def national_now(self, _: Request) -> Answer:
        return Answer({"data": [self.row("GB", at) for at in self.this_half_hour()]})

    def national(self, request: Request) -> Answer:
        return Answer({"data": [self.row("GB", at) for at in self.span(request)]})

    def national_day(self, request: Request) -> Answer:
        text = request.params.get("day")
        day = date.fromisoformat(text) if text else self.now().astimezone(LONDON).date()
        begin, end = (datetime(d.year, d.month, d.day, tzinfo=LONDON).astimezone(UTC)
                      for d in (day, day + timedelta(days=1)))
        rows = [self.row("GB", at) for at in server.steps(begin, end, HALF_HOUR)]
        if "period" in request.params:
            rows = [rows[int(request.params["period"]) - 1]]
        return Answer({"data": rows})

    def regions_at(self, times: list[datetime]) -> Answer:
        return Answer({"data": [
            {"from": spell(at), "to": spell(at + HALF_HOUR), "regions": [
                self.described(number) | {key: value for key, value in self.mixed_row(str(number), at).items()
                                          if key not in ("from", "to")}
                for number in range(1, len(REGIONS) + 1)]} for at in times]})

    def regions_now(self, _: Request) -> Answer:
        return self.regions_at(self.this_half_hour())

    def regions(self, request: Request) -> Answer:
        return self.regions_at(self.span(request))

    def described(self, number: int) -> dict[str, Any]:
        return {"regionid": number, "dnoregion": REGIONS[number - 1], "shortname": REGIONS[number - 1]}

    def one_region(self, request: Request, times: list[datetime]) -> dict[str, Any]:
        postcode = request.params.get("postcode")
        number = POSTCODES[postcode.upper()] if postcode else REGION_IDS[request.params["region"]]
        found = self.described(number) | ({"postcode": postcode} if postcode else {})
        return found | {"data": [self.mixed_row(str(number), at) for at in times]}

    def region_now(self, request: Request) -> Answer:
        return Answer({"data": [self.one_region(request, self.this_half_hour())]})

    def region(self, request: Request) -> Answer:
        found = self.one_region(request, self.span(request))
        return Answer({"data": [found] if self.array else found})
