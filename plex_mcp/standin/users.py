"""The people of the household: who owns the server, who lives there, who was invited."""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True)
class User:
    """``account_id`` is what the server calls them (1 is the owner), ``plextv_id`` what plex.tv does.

    ``token`` is what the server takes, ``account_token`` what plex.tv takes; only the owner's are the same.
    """

    account_id: int
    plextv_id: int
    title: str
    username: str
    email: str
    token: str
    uuid: str
    is_owner: bool = False
    is_home: bool = False
    pin: str | None = None
    section_keys: frozenset[int] | None = None
    account_token: str = ""

    def may_see(self, section_key: int) -> bool:
        """Whether a library was shared with them; the owner sees all."""
        return self.section_keys is None or section_key in self.section_keys

    @property
    def thumb(self) -> str:
        """Their picture."""
        return f"https://plex.tv/users/{self.uuid}/avatar?c=1700000000"


def household(seed: int) -> tuple[User, User, User]:
    """Owner, managed home user, shared friend. Tokens follow from the seed, so that recordings can be repeated."""

    def secret(name: str, length: int) -> str:
        return hashlib.sha256(f"{seed}:{name}".encode()).hexdigest()[:length]

    owner = User(
        1,
        11_000_001,
        "Robin",
        "robin",
        "robin@example.com",
        secret("owner", 20),
        secret("u1", 16),
        is_owner=True,
        is_home=True,
        account_token=secret("owner", 20),
    )
    managed = User(
        11_000_002,
        11_000_002,
        "Mila",
        "",
        "",
        secret("managed", 20),
        secret("u2", 16),
        is_home=True,
        pin="2468",
        account_token=secret("managed-account", 20),
    )
    friend = User(
        11_000_003,
        11_000_003,
        "Jonas",
        "jonas",
        "jonas@example.com",
        secret("friend", 20),
        secret("u3", 16),
        section_keys=frozenset({1, 2}),
        account_token=secret("friend-account", 20),
    )
    return owner, managed, friend
