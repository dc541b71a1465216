"""Films under free licences or in the public domain; every summary is our own wording."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Film:
    """One film. ``versions`` are names understood by ``sample.VERSIONS``; ``days`` is how long ago it was added."""

    title: str
    released: str
    minutes: float
    genres: tuple[str, ...]
    directors: tuple[str, ...]
    summary: str
    rating: float
    days: float
    country: str = "United States of America"
    studio: str | None = None
    content_rating: str | None = None
    cast: tuple[tuple[str, str], ...] = ()
    writers: tuple[str, ...] = ()
    versions: tuple[str, ...] = ("1080",)
    original_title: str | None = None
    tagline: str | None = None
    collections: tuple[str, ...] = ()
    edition: str | None = None


_BLENDER = "Blender Studio"
_OPEN = ("Blender Open Films",)
_HORROR = ("Midnight Horror",)

# Tables are read by row.
# fmt: off
FILMS = (
    Film("Big Buck Bunny", "2008-05-20", 9.94, ("Animation", "Comedy", "Short"), ("Sacha Goedegebure",),
         "A giant, gentle rabbit has enough of three rodents who spoil his morning and plans a thorough revenge.",
         7.2, 2.5, "Netherlands", _BLENDER, "G", versions=("4k-many", "1080"), collections=_OPEN,
         writers=("Sacha Goedegebure",), tagline="Revenge is best served fluffy."),
    Film("Sintel", "2010-09-27", 14.8, ("Animation", "Fantasy", "Adventure", "Short"), ("Colin Levy",),
         "A young woman crosses snow, desert and ruins in search of the small dragon that she once nursed.",
         7.5, 1.2, "Netherlands", _BLENDER, "PG", (("Halina Reijn", "Sintel"), ("Thom Hoffman", "Shaman")),
         ("Esther Wouda",), ("4k-hdr", "1080-many"), collections=_OPEN),
    Film("Elephants Dream", "2006-03-24", 10.9, ("Animation", "Science Fiction", "Short"), ("Bassam Kurdali",),
         "Two men walk through an endless machine; the older sees its wonders, the younger only its wires.",
         6.8, 380, "Netherlands", _BLENDER, "PG", (("Tygo Gernandt", "Proog"), ("Cas Jansen", "Emo")),
         ("Pepijn Zwanenberg",), ("1080-many",), collections=_OPEN),
    Film("Tears of Steel", "2012-09-26", 12.2, ("Science Fiction", "Action", "Short"), ("Ian Hubert",),
         "In a future Amsterdam, a handful of scientists replay one bad break-up to stop the robots it caused.",
         6.1, 45, "Netherlands", _BLENDER, "PG-13",
         (("Derek de Lint", "Old Thom"), ("Sergio Hasselbaink", "Barley"), ("Vanja Rukavina", "Thom"),
          ("Denise Rebergen", "Celia")), ("Ian Hubert",), ("4k-hdr",), collections=_OPEN),
    Film("Cosmos Laundromat", "2015-08-10", 12.2, ("Animation", "Science Fiction", "Short"), ("Mathieu Auvray",),
         "A weary sheep on a bare island meets a salesman who offers any life he could wish for.",
         7.3, 200, "Netherlands", _BLENDER, "PG-13", (("Pierre Bokma", "Franck"), ("Reinout Scholten van Aschat",
         "Victor")), ("Esther Wouda",), ("1080",), collections=_OPEN, edition="Festival Cut"),
    Film("Caminandes: Llamigos", "2016-01-30", 2.5, ("Animation", "Comedy", "Short"), ("Pablo Vázquez",),
         "In the snow of Patagonia, a llama and a penguin both want the very last red berry.",
         7.0, 12, "Argentina", _BLENDER, "G", collections=_OPEN),
    Film("Agent 327: Operation Barbershop", "2017-05-12", 3.9, ("Animation", "Action", "Comedy", "Short"),
         ("Colin Levy", "Hjalti Hjálmarsson"), "A Dutch secret agent asks for a trim in the wrong barbershop.",
         7.6, 60, "Netherlands", _BLENDER, "PG", collections=_OPEN),
    Film("The Daily Dweebs", "2017-09-28", 1.0, ("Animation", "Family", "Short"), ("Colin Levy",),
         "One minute in the life of a small dog with a very large curiosity.",
         6.2, 150, "Netherlands", _BLENDER, "G", collections=_OPEN, versions=("4k-hdr",)),
    Film("Spring", "2019-04-04", 7.7, ("Animation", "Fantasy", "Short"), ("Andy Goralczyk",),
         "A shepherd girl and her dog wake the old spirits that must turn winter over.",
         7.4, 20, "Netherlands", _BLENDER, "G", collections=_OPEN, versions=("4k-hdr", "1080")),
    Film("Coffee Run", "2020-05-29", 3.1, ("Animation", "Romance", "Short"), ("Hjalti Hjálmarsson",),
         "Fuelled by caffeine, a woman runs through the memories of a relationship that ended.",
         6.9, 90, "Netherlands", _BLENDER, "G", collections=_OPEN),
    Film("Sprite Fright", "2021-10-29", 10.5, ("Animation", "Comedy", "Horror", "Short"),
         ("Matthew Luhn", "Hjalti Hjálmarsson"),
         "Rowdy teenagers on a forest trip learn that the cute little people among the mushrooms keep accounts.",
         7.1, 5, "Netherlands", _BLENDER, "PG-13", collections=_OPEN + _HORROR),
    Film("Charge", "2022-12-15", 4.4, ("Animation", "Action", "Science Fiction", "Short"), ("Hjalti Hjálmarsson",),
         "In a drained future, an old man breaks into a guarded factory for a single battery.",
         7.0, 33, "Netherlands", _BLENDER, "PG-13", collections=_OPEN),
    Film("Wing It!", "2023-09-26", 4.0, ("Animation", "Comedy", "Family", "Short"), ("Rik Schutte",),
         "A cat with a manual and a dog without patience build a rocket out of what lies about.",
         7.2, 0.6, "Netherlands", _BLENDER, "G", collections=_OPEN),
    Film("A Trip to the Moon", "1902-09-01", 15, ("Fantasy", "Science Fiction", "Adventure", "Short"),
         ("Georges Méliès",), "Astronomers are fired at the moon in a shell and find its inhabitants unwelcoming.",
         8.1, 300, "France", "Star Film", None, (("Georges Méliès", "Professor Barbenfouillis"),
         ("Bleuette Bernon", "Phoebe"), ("Henri Delannoy", "Captain of the Rocket")), ("Georges Méliès",),
         ("square-silent",), "Le Voyage dans la Lune"),
    Film("The Cabinet of Dr. Caligari", "1920-02-26", 76, ("Horror", "Mystery"), ("Robert Wiene",),
         "A showman's sleepwalker foretells deaths at the fair, and then they happen.",
         8.0, 220, "Germany", "Decla-Bioscop", None, (("Werner Krauss", "Dr. Caligari"), ("Conrad Veidt", "Cesare"),
         ("Friedrich Fehér", "Francis"), ("Lil Dagover", "Jane Olsen")), ("Carl Mayer", "Hans Janowitz"),
         ("square-silent",), "Das Cabinet des Dr. Caligari", collections=_HORROR),
    Film("Häxan", "1922-09-18", 105, ("Horror", "Documentary"), ("Benjamin Christensen",),
         "Part lecture and part nightmare: how fear of witches was made, and what came of it.",
         7.7, 70, "Sweden", "Svensk Filmindustri", "NR", (("Maren Pedersen", "The Witch"), ("Clara Pontoppidan",
         "Nun"), ("Benjamin Christensen", "The Devil")), ("Benjamin Christensen",), ("square-silent",),
         collections=_HORROR),
    Film("Nosferatu", "1922-03-04", 94, ("Horror", "Fantasy"), ("F. W. Murnau",),
         "An estate agent travels to a castle in the mountains and brings something home in the ship's hold.",
         7.9, 400, "Germany", "Prana Film", "NR", (("Max Schreck", "Graf Orlok"), ("Gustav von Wangenheim",
         "Thomas Hutter"), ("Greta Schröder", "Ellen Hutter"), ("Alexander Granach", "Knock")), ("Henrik Galeen",),
         ("square-silent",), "Nosferatu, eine Symphonie des Grauens", collections=_HORROR),
    Film("Safety Last!", "1923-04-01", 74, ("Comedy", "Romance"), ("Fred C. Newmeyer", "Sam Taylor"),
         "A shop clerk with large ambitions ends up hanging from a very large clock.",
         8.1, 8, studio="Hal Roach Studios", content_rating="NR", cast=(("Harold Lloyd", "The Boy"),
         ("Mildred Davis", "The Girl"), ("Bill Strother", "The Pal")), writers=("Hal Roach",),
         versions=("square-silent",)),
    Film("Sherlock Jr.", "1924-04-21", 45, ("Comedy", "Mystery"), ("Buster Keaton",),
         "A projectionist who studies detection falls asleep and walks into the film that he is showing.",
         8.2, 14, studio="Buster Keaton Productions", content_rating="NR", cast=(("Buster Keaton", "Projectionist"),
         ("Kathryn McGuire", "The Girl"), ("Joe Keaton", "Her Father")), versions=("square-silent",)),
    Film("The General", "1926-12-31", 79, ("Comedy", "Action", "War"), ("Buster Keaton", "Clyde Bruckman"),
         "An engine driver loves his locomotive and one woman; both are carried off by the enemy.",
         8.1, 3.4, studio="Buster Keaton Productions", content_rating="NR", cast=(("Buster Keaton", "Johnnie Gray"),
         ("Marion Mack", "Annabelle Lee"), ("Glen Cavender", "Captain Anderson"), ("Jim Farley", "General Thatcher")),
         writers=("Al Boasberg",), versions=("square-silent", "square-480"), tagline="Love, loco and motion."),
    Film("Metropolis", "1927-01-10", 153, ("Science Fiction", "Drama"), ("Fritz Lang",),
         "The master's son of a city in two storeys falls in love below and sees what the machines cost.",
         8.3, 28, "Germany", "UFA", "NR", (("Brigitte Helm", "Maria"), ("Gustav Fröhlich", "Freder"),
         ("Alfred Abel", "Joh Fredersen"), ("Rudolf Klein-Rogge", "Rotwang")), ("Thea von Harbou",),
         ("square-silent",), edition="Restored"),
    Film("Battleship Potemkin", "1925-12-21", 75, ("Drama", "War", "History"), ("Sergei Eisenstein",),
         "Bad meat, a mutiny and a flight of stairs.", 7.9, 500, "Soviet Union", "Mosfilm", "NR",
         (("Aleksandr Antonov", "Vakulinchuk"), ("Vladimir Barsky", "Commander Golikov")), ("Nina Agadzhanova",),
         ("square-silent",)),
    Film("His Girl Friday", "1940-01-18", 92, ("Comedy", "Romance", "Drama"), ("Howard Hawks",),
         "A newspaper editor has one afternoon and one murder case to stop his best reporter, once his wife, "
         "from marrying somebody quieter.", 7.8, 6, studio="Columbia Pictures", content_rating="NR",
         cast=(("Cary Grant", "Walter Burns"), ("Rosalind Russell", "Hildy Johnson"), ("Ralph Bellamy",
         "Bruce Baldwin"), ("Gene Lockhart", "Sheriff Hartwell"), ("Porter Hall", "Murphy"), ("Ernest Truex",
         "Bensinger"), ("Cliff Edwards", "Endicott"), ("Clarence Kolb", "The Mayor"), ("Roscoe Karns", "McCue"),
         ("Frank Jenks", "Wilson"), ("Regis Toomey", "Sanders"), ("Abner Biberman", "Louie"), ("Frank Orth", "Duffy"),
         ("John Qualen", "Earl Williams"), ("Helen Mack", "Mollie Malloy"), ("Alma Kruger", "Mrs. Baldwin"),
         ("Billy Gilbert", "Joe Pettibone")), writers=("Charles Lederer",), versions=("square-480",)),
    Film("Night of the Living Dead", "1968-10-01", 96, ("Horror", "Thriller"), ("George A. Romero",),
         "Strangers board up a farmhouse against the dead outside and each other inside.",
         7.8, 26, studio="Image Ten", content_rating="NR", cast=(("Duane Jones", "Ben"), ("Judith O'Dea", "Barbra"),
         ("Karl Hardman", "Harry"), ("Marilyn Eastman", "Helen")), writers=("John A. Russo",),
         versions=("1080", "square-480"), collections=_HORROR, tagline="Lock the door & mind the windows."),
    Film("Charade", "1963-12-05", 113, ("Comedy", "Mystery", "Romance", "Thriller"), ("Stanley Donen",),
         "In Paris a widow is chased for a fortune that she has never seen, by men who all know her name.",
         7.9, 18, studio="Universal Pictures", content_rating="NR", cast=(("Cary Grant", "Peter Joshua"),
         ("Audrey Hepburn", "Regina Lampert"), ("Walter Matthau", "Hamilton Bartholomew"), ("James Coburn",
         "Tex Panthollow"), ("George Kennedy", "Herman Scobie")), writers=("Peter Stone",), versions=("1080-many",)),
    Film("The Phantom of the Opera", "1925-09-06", 93, ("Horror", "Romance"), ("Rupert Julian",),
         "Below the Paris opera lives a composer who will have his singer on the stage, or nobody will.",
         7.5, 110, studio="Universal Pictures", content_rating="NR", cast=(("Lon Chaney", "The Phantom"),
         ("Mary Philbin", "Christine Daaé"), ("Norman Kerry", "Raoul de Chagny")), versions=("square-silent",),
         collections=_HORROR),
)
HOME_VIDEOS = (("Garden in the rain", 1.3, 9), ("First snow on the hill", 4.2, 31))
