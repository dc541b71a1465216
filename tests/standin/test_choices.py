"""The filters that a library names, and the values that they can take."""

from plexapi.server import PlexServer


def test_meta_names_every_filter_that_can_be_listed(server: PlexServer) -> None:
    for section in server.library.sections():
        for kind in section.filterTypes():
            for field in kind.filters:
                if field.filterType != "boolean":
                    assert isinstance(section.listFilterChoices(field.filter, kind.type), list)


def test_choices_carry_what_the_filter_takes(server: PlexServer) -> None:
    movies = server.library.section("Movies")
    for name in (
        "genre",
        "year",
        "decade",
        "contentRating",
        "resolution",
        "director",
        "actor",
        "audioLanguage",
        "collection",
        "country",
        "studio",
    ):
        choices = movies.listFilterChoices(name)
        assert choices, name
        for choice in choices[:5]:
            assert movies.fetchItems(choice.fastKey), choice.fastKey
