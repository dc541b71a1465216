"""A Plex app that can be played on, and what it makes of a remote command."""

from dataclasses import dataclass

from plex_mcp.standin.xml import Value

OBEYS, HANGS, PLAIN_OK, REFUSES = "obeys", "hangs", "plain_ok", "refuses"
_FULL = "timeline,playback,navigation,mirror,playqueues,provider-playback"


@dataclass(eq=False)
class Player:
    """A Plex app. ``advertised`` players are in ``/clients``; only those can be sent commands.

    ``behaviour``: ``obeys``; ``hangs`` (does it but never answers); ``plain_ok`` (does it and answers ``OK``
    instead of XML); ``refuses`` (403, nothing done).
    """

    machine_identifier: str
    title: str
    product: str
    platform: str
    device: str
    device_class: str
    version: str
    address: str
    port: int | None = None
    platform_version: str = "1.0"
    profile: str = "Generic"
    model: str | None = None
    vendor: str | None = None
    capabilities: str = _FULL
    advertised: bool = True
    local: bool = True
    behaviour: str = OBEYS
    volume: int = 100

    def client_attributes(self) -> dict[str, Value]:
        """The ``Server`` element of ``/clients``."""
        return {
            "name": self.title,
            "host": self.address,
            "address": self.address,
            "port": self.port,
            "machineIdentifier": self.machine_identifier,
            "version": self.version,
            "protocol": "plex",
            "product": self.product,
            "deviceClass": self.device_class,
            "protocolVersion": "1",
            "protocolCapabilities": self.capabilities,
        }

    def resource_attributes(self) -> dict[str, Value]:
        """The ``Player`` element of the player's own ``/resources``."""
        return {
            "title": self.title,
            "machineIdentifier": self.machine_identifier,
            "deviceClass": self.device_class,
            "platform": self.platform,
            "platformVersion": self.platform_version,
            "product": self.product,
            "protocol": "plex",
            "protocolCapabilities": self.capabilities,
            "protocolVersion": "1",
            "version": self.version,
        }

    def session_attributes(self, state: str, user_id: int) -> dict[str, Value]:
        """The ``Player`` element inside a session."""
        return {
            "address": self.address,
            "device": self.device,
            "deviceClass": self.device_class,
            "machineIdentifier": self.machine_identifier,
            "model": self.model,
            "platform": self.platform,
            "platformVersion": self.platform_version,
            "product": self.product,
            "profile": self.profile,
            "protocolVersion": "1",
            "remotePublicAddress": "203.0.113.20" if self.local else self.address,
            "state": state,
            "title": self.title,
            "vendor": self.vendor,
            "version": self.version,
            "local": self.local,
            "relayed": False,
            "secure": True,
            "userID": user_id,
        }
