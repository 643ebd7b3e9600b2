"""Loopback metadata services of three clouds, as each documents them: AWS (IMDSv2), Azure and Google Cloud.

Each refuses what the real one refuses: AWS a request without the token of a PUT, Azure one without `Metadata: true`, Google
one without `Metadata-Flavor: Google`; all three one that comes through a proxy (X-Forwarded-For).
"""

from __future__ import annotations

import secrets

import server
from server import Answer, Request


class Service(server.Provider):
    """What the three share."""

    name = "metadata"

    def __init__(self, region: str = "us-east-1") -> None:
        super().__init__()
        self.region = region

    def refuse(self, request: Request) -> Answer | None:
        return self.text("", 400) if "x-forwarded-for" in request.headers else None

    def text(self, text: str, status: int = 200) -> Answer:
        return Answer(text.encode(), status, content_type="text/plain")


class Aws(Service):
    routes = [("PUT", "/latest/api/token", "token"), ("GET", "/latest/meta-data/placement/region", "placement")]

    def __init__(self, region: str = "us-east-1") -> None:
        super().__init__(region)
        self.session = secrets.token_urlsafe(40)

    def token(self, request: Request) -> Answer:
        seconds = int(request.headers.get("x-aws-ec2-metadata-token-ttl-seconds", "0"))
        return self.text(self.session) if 1 <= seconds <= 21600 else self.text("", 400)

    def placement(self, request: Request) -> Answer:
        if request.headers.get("x-aws-ec2-metadata-token") != self.session:
            return self.text("", 401)
        return self.text(self.region)


class Azure(Service):
    routes = [("GET", "/metadata/instance/compute/location", "location")]

    def location(self, request: Request) -> Answer:
        if request.headers.get("metadata") != "true" or not request.one("api-version"):
            return self.text("Bad request", 400)
        return self.text(self.region)


class Gcp(Service):
    routes = [("GET", "/computeMetadata/v1/instance/zone", "zone")]

    def zone(self, request: Request) -> Answer:
        if request.headers.get("metadata-flavor") != "Google":
            return self.text("Forbidden", 403)
        answer = self.text(f"projects/1234567890/zones/{self.region}-b")
        answer.headers["Metadata-Flavor"] = "Google"
        return answer
