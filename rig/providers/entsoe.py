"""A loopback ENTSO-E transparency platform (web-api.tp.entsoe.eu), as docs/providers/entsoe.md describes it: A75 of A16.

Curves are A03: a point as the one before is left out. What a pumped-storage plant takes in comes as a series of its own with
an out-domain. Truth: zone an EIC code, signal a psrType ("B14"), MW; signal "B10-" is what storage takes in; None: no point,
and the period ends there.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from xml.sax.saxutils import escape

import server
from server import Answer, Request

NAMESPACE = "urn:iec62325.351:tc57wg16:451-6:generationloaddocument:3:0"
FRANCE = "10YFR-RTE------C"
XML = "text/xml"


def day_generation(zone: str, signal: str, at: datetime) -> float | None:
    """Nuclear flat, gas in steps of six hours, sun by day, storage both ways."""
    return {"B14": 41000.0, "B04": 3000.0 + 1000.0 * (at.hour // 6), "B16": max(0.0, 5000.0 - 900.0 * abs(at.hour - 12)),
            "B10": 800.0 if at.hour > 17 else 0.0, "B10-": 0.0 if at.hour > 17 else 700.0}[signal]


def stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%MZ")


def read_stamp(text: str) -> datetime:
    return server.parse_time(f"{text[:4]}-{text[4:6]}-{text[6:8]}T{text[8:10]}:{text[10:12]}")


class Provider(server.Provider):
    name = "entsoe"
    routes = [("GET", "/api", "generation")]

    def __init__(self, truth: server.Truth = day_generation, *args: Any, key: str = "entsoe-token",
                 types: tuple[str, ...] = ("B14", "B04", "B16", "B10", "B10-"), zones: tuple[str, ...] = (FRANCE,),
                 step: timedelta = timedelta(hours=1), lag: timedelta = timedelta(hours=1), nothing_status: int = 200,
                 **more: Any) -> None:
        super().__init__(truth, *args, **more)
        self.key, self.types, self.zones, self.step, self.lag = key, types, zones, step, lag
        self.nothing_status = nothing_status

    def error(self, status: int, message: str) -> Answer:
        return self.acknowledgement(status, "B06", message)

    def acknowledgement(self, status: int, code: str, text: str) -> Answer:
        return Answer(f'<?xml version="1.0"?><Acknowledgement_MarketDocument><Reason><code>{code}</code>'
                      f"<text>{escape(text)}</text></Reason></Acknowledgement_MarketDocument>".encode(), status,
                      content_type=XML)

    def refuse(self, request: Request) -> Answer | None:
        if request.one("securityToken") == self.key:
            return None
        return Answer(b"<html><head><title>Unauthorized</title></head><body>401</body></html>", 401,
                      content_type="text/html")

    def generation(self, request: Request) -> Answer:
        if (request.one("documentType"), request.one("processType")) != ("A75", "A16"):
            return self.error(400, "not supported here")
        begin, end = (read_stamp(request.one(key)) for key in ("periodStart", "periodEnd"))
        end, zone = min(end, self.now() - self.lag), request.one("in_Domain")
        series = "".join(self.series(zone, kind, begin, end) for kind in self.types) if zone in self.zones else ""
        if not series:
            return self.acknowledgement(self.nothing_status, "999", "No matching data found for Data item")
        return Answer(f'<?xml version="1.0"?><GL_MarketDocument xmlns="{NAMESPACE}"><type>A75</type>{series}'
                      "</GL_MarketDocument>".encode(), content_type=XML)

    def series(self, zone: str, kind: str, begin: datetime, end: datetime) -> str:
        domain = f'{"out" if kind.endswith("-") else "in"}BiddingZone_Domain.mRID'
        values = [(at, self.truth(zone, kind, at)) for at in server.steps(begin, end, self.step)]
        periods, run = "", []
        for at, value in [*values, (end, None)]:
            if value is not None:
                run.append((at, value))
            elif run:
                periods += self.period(run)
                run = []
        if not periods:
            return ""
        return (f'<TimeSeries><mRID>1</mRID><{domain} codingScheme="A01">{zone}</{domain}>'
                "<quantity_Measure_Unit.name>MAW</quantity_Measure_Unit.name><curveType>A03</curveType>"
                f"<MktPSRType><psrType>{kind.rstrip('-')}</psrType></MktPSRType>{periods}</TimeSeries>")

    def period(self, run: list[tuple[datetime, float]]) -> str:
        points, before = "", None
        for number, (_, value) in enumerate(run, 1):
            if value != before:
                points += f"<Point><position>{number}</position><quantity>{value:g}</quantity></Point>"
            before = value
        minutes = int(self.step.total_seconds() / 60)
        return (f"<Period><timeInterval><start>{stamp(run[0][0])}</start><end>{stamp(run[-1][0] + self.step)}</end>"
                f"</timeInterval><resolution>PT{minutes}M</resolution>{points}</Period>")
