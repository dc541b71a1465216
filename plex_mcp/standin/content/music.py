"""Invented artists, their albums and tracks, and photographs of nowhere in particular."""

# Tables are read by row.
# fmt: off
# artist, genres, summary, albums: (title, year, days since added, tracks)
ARTISTS = (
    ("The Paper Lanterns", ("Folk", "Indie"), "A quartet from a harbour town, two of them accordions.",
     (("Harbour Songs", 2018, 120, ("Low Tide", "Lantern Street", "Gulls", "The Ferry Is Late", "Home by Dark")),
      ("Winter Almanac", 2022, 4, ("First Frost", "Almanac", "Candle End", "Salt on the Road")))),
    ("Ólafía Berg", ("Electronic", "Ambient"), "Field recordings of glaciers, slowed down until they sing.",
     (("Jökull", 2020, 75, ("Ís", "Vatn", "Steinn", "Ljós")),
      ("Slow Weather", 2024, 1.5, ("Isobar", "Föhn", "Petrichor")))),
    ("Brass Tax", ("Jazz", "Funk"), "Nine players, eleven horns, one van.",
     (("Deductible", 2016, 260, ("Audit Trail", "Loose Change", "Form 11", "Write-Off")),)),
    ("Nadia & the Null Pointers", ("Rock",), "Loud songs about careful machines.",
     (("Segfault Serenade", 2021, 10, ("Heap of Trouble", "Dangling", "Off by One", "Garbage Collector")),)),
    ("Café Quartet", ("Classical",), "String quartets recorded between lunch and supper.",
     (("Études for Four", 2015, 330, ("Étude No. 1", "Étude No. 2", "Étude No. 3")),)),
)
# album, days since added, photographs
PHOTO_ALBUMS = (
    ("Allotment", 22, ("First beans", "Shed door", "Frost on kale")),
    ("Hill walk", 7, ("Stile", "Sheep, unimpressed", "Summit, allegedly", "Rain arriving")),
    ("Été à la mer", 130, ("Deckchairs", "Low water")),
)
