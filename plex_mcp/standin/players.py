"""The players of the household and what each makes of a remote command."""

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


def household_players() -> list[Player]:
    """One of each kind that plex-mcp has to tell apart."""
    return [
        Player(
            "web-kitchen-laptop",
            "Kitchen Laptop",
            "Plex Web",
            "Firefox",
            "Linux",
            "pc",
            "4.145.1",
            "192.0.2.21",
            platform_version="131.0",
            profile="Web",
            model="bundled",
            advertised=False,
        ),
        Player(
            "androidtv-living-room",
            "Living Room TV",
            "Plex for Android (TV)",
            "Android",
            "SHIELD Android TV",
            "stb",
            "10.26.0.2578",
            "192.0.2.11",
            32500,
            platform_version="11",
            profile="Android",
            model="mdarcy",
            vendor="NVIDIA",
            capabilities="timeline,playback,mirror,playqueues,provider-playback",
        ),
        Player(
            "htpc-den",
            "Den HTPC",
            "Plex HTPC",
            "linux",
            "HTPC",
            "pc",
            "1.71.1.337",
            "192.0.2.12",
            32433,
            profile="Plex Desktop",
            capabilities="timeline,playback,navigation,playqueues",
            behaviour=HANGS,
        ),
        Player(
            "plexamp-study",
            "Study Plexamp",
            "Plexamp",
            "Linux",
            "Raspberry Pi",
            "pc",
            "4.12.3",
            "192.0.2.13",
            32500,
            profile="Plexamp",
            capabilities="timeline,playback,playqueues,provider-playback",
            behaviour=PLAIN_OK,
        ),
        Player(
            "iphone-away",
            "Jonas's iPhone",
            "Plex for iOS",
            "iOS",
            "iPhone",
            "phone",
            "8.45",
            "198.51.100.7",
            platform_version="18.1",
            profile="iOS",
            model="15,2",
            vendor="Apple",
            advertised=False,
            local=False,
        ),
        Player(
            "roku-bedroom",
            "Bedroom Roku",
            "Plex for Roku",
            "Roku",
            "Roku Express",
            "stb",
            "7.9.5",
            "192.0.2.14",
            8324,
            profile="Roku",
            model="3960X",
            vendor="Roku",
            capabilities="timeline,playback,navigation",
            behaviour=REFUSES,
        ),
    ]
