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
    account_token: str
    uuid: str
    is_owner: bool = False
    is_home: bool = False
    pin: str | None = None
    section_keys: frozenset[int] | None = None

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
        account_id=1,
        plextv_id=11_000_001,
        title="Robin",
        username="robin",
        email="robin@example.com",
        token=secret("owner", 20),
        account_token=secret("owner", 20),
        uuid=secret("u1", 16),
        is_owner=True,
        is_home=True,
    )
    managed = User(
        account_id=11_000_002,
        plextv_id=11_000_002,
        title="Mila",
        username="",
        email="",
        token=secret("managed", 20),
        account_token=secret("managed-account", 20),
        uuid=secret("u2", 16),
        is_home=True,
        pin="2468",
    )
    friend = User(
        account_id=11_000_003,
        plextv_id=11_000_003,
        title="Jonas",
        username="jonas",
        email="jonas@example.com",
        token=secret("friend", 20),
        account_token=secret("friend-account", 20),
        uuid=secret("u3", 16),
        section_keys=frozenset({1, 2}),
    )
    return owner, managed, friend
