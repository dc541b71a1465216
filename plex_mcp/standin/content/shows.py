"""Invented television. Each season is a tuple of episode titles; season 0 holds the specials."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Show:
    """One show; ``seasons`` maps a season's number to its episodes' titles, ``days`` dates the newest episode."""

    title: str
    first_aired: str
    minutes: int
    genres: tuple[str, ...]
    studio: str
    content_rating: str
    rating: float
    summary: str
    cast: tuple[tuple[str, str], ...]
    directors: tuple[str, ...]
    days: float
    seasons: dict[int, tuple[str, ...]] = field(default_factory=dict)
    profile: str = "1080-many"
    collections: tuple[str, ...] = ()
    country: str = "United Kingdom"
    tagline: str | None = None


# Tables are read by row.
# fmt: off
SHOWS = (
    Show("The Lighthouse Keepers", "2021-03-04", 44, ("Drama", "Mystery"), "Northlight", "TV-14", 8.4,
         "Three generations keep a lighthouse that is on no chart, and log what the sea brings them.",
         (("Ingrid Solheim", "Marit"), ("Tomas Reyes", "Elias"), ("Aoife Brennan", "Nora"),
          ("Kofi Mensah", "The Inspector")), ("Lena Fischer", "Paul Adeyemi"), 0.8,
         {0: ("Making Light", "The Keepers' Table"),
          1: ("Landfall", "The Third Lamp", "Salt", "A Letter for Nobody", "Low Water", "The Inspector Calls"),
          2: ("Fog Signal", "The Drowned Village", "Paraffin", "What the Tide Left", "Nora's Log", "Eclipse"),
          3: ("The New Keeper", "Dead Reckoning", "Wreckers")}, collections=("Slow Television",), country="Norway",
         tagline="Somebody has to keep it lit."),
    Show("Café Kilometre", "2019-09-12", 24, ("Comedy",), "Rolling Pictures", "TV-PG", 7.6,
         "A night bus with an espresso machine crosses a continent; its regulars never get where they meant to go.",
         (("Amélie Laurent", "Odile"), ("Marek Nowak", "Jerzy"), ("Priya Raman", "Sunita")), ("Joana Prado",), 6,
         {1: ("Departure", "Border, Closed", "Decaf", "The Toll", "Exit 41"),
          2: ("Return Ticket", "Snow Chains", "Crème", "Zürich, Briefly", "Terminus")}),
    Show("Orbital Gardeners", "2023-01-20", 31, ("Science Fiction", "Comedy", "Drama"), "Perigee", "TV-PG", 8.0,
         "Six botanists, one leaking greenhouse in orbit, and a supply ship that is always next month.",
         (("Yuki Tanaka", "Dr. Aoi Mori"), ("Samuel Okafor", "Ben"), ("Ingrid Solheim", "Commander Lund")),
         ("Paul Adeyemi",), 2.2,
         {1: ("Seedlings", "Aphids", "Water Rights", "The Long Day", "Grafting", "Compost"),
          2: ("Spin Gravity", "A Rose", "Supply Ship", "Blight")}, profile="4k-hdr"),
    Show("An Index of Small Crimes", "2017-11-02", 52, ("Crime", "Drama", "Mystery"), "Harbour Lane", "TV-MA", 8.7,
         "A retired archivist solves cases that were too small to file and too odd to forget.",
         (("Beatriz Moura", "Helena Costa"), ("Kofi Mensah", "Inspector Prah"), ("Jonas Weber", "Ulrich")),
         ("Lena Fischer",), 40,
         {1: ("Umbrellas", "The Borrowed Piano", "Errata", "One Left Shoe"),
          2: ("Overdue", "Carbon Copy", "See Also")}),
    Show("Pip & Moss", "2022-05-01", 8, ("Animation", "Family"), "Tin Whistle", "TV-Y", 7.9,
         "A snail and a stone are the best of friends, which takes time.",
         (("Aoife Brennan", "Pip"),), ("Joana Prado",),
         15, {1: ("Rain", "The Other Side of the Path", "Moss Says Nothing", "A Leaf", "Winter, Nearly", "Uphill",
                  "The Thrush", "Good Night")}, profile="720"),
)
