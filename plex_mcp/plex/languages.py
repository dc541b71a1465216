"""Languages as people and files name them: `de`, `deu`, `ger`, `German` and `Deutsch` are one."""

from __future__ import annotations

from collections.abc import Iterable

from plex_mcp.plex.text import fold

# ISO 639-1, 639-2/T, 639-2/B where it differs, then names in English and in the language itself.
_TABLE = """
ar ara Arabic العربية
bg bul Bulgarian Български
bn ben Bengali বাংলা
ca cat Catalan Català
cs ces cze Czech Čeština
cy cym wel Welsh Cymraeg
da dan Danish Dansk
de deu ger German Deutsch
el ell gre Greek Ελληνικά
en eng English
es spa Spanish Español Castilian
et est Estonian Eesti
eu eus baq Basque Euskara
fa fas per Persian Farsi فارسی
fi fin Finnish Suomi
fr fra fre French Français
ga gle Irish Gaeilge
gl glg Galician Galego
he heb Hebrew עברית
hi hin Hindi हिन्दी
hr hrv Croatian Hrvatski
hu hun Hungarian Magyar
hy hye arm Armenian Հայերեն
id ind Indonesian
is isl ice Icelandic Íslenska
it ita Italian Italiano
ja jpn Japanese 日本語
ka kat geo Georgian ქართული
ko kor Korean 한국어
la lat Latin
lt lit Lithuanian Lietuvių
lv lav Latvian Latviešu
mk mkd mac Macedonian Македонски
ml mal Malayalam മലയാളം
ms msa may Malay Melayu
nb nob no nor Norwegian Norsk Bokmål
nl nld dut Dutch Nederlands Flemish
nn nno Nynorsk
pl pol Polish Polski
pt por Portuguese Português
ro ron rum Romanian Română
ru rus Russian Русский
sk slk slo Slovak Slovenčina
sl slv Slovenian Slovene Slovenščina
sq sqi alb Albanian Shqip
sr srp Serbian Српски Srpski
sv swe Swedish Svenska
ta tam Tamil தமிழ்
te tel Telugu తెలుగు
th tha Thai ไทย
tr tur Turkish Türkçe
uk ukr Ukrainian Українська
ur urd Urdu اردو
vi vie Vietnamese Tiếng-Việt
zh zho chi Chinese Mandarin 中文
"""
_CODE: dict[str, str] = {fold(word): line.split()[0] for line in _TABLE.strip().splitlines() for word in line.split()}
OFF = frozenset({"off", "none", "no subtitles", "disabled"})
"""What a caller may say to have no subtitles."""


def language_code(text: str) -> str:
    """One code for all names of a language: two letters where there are such, else the folded text itself.

    A region (`pt-BR`, `English (United Kingdom)`) is left out: streams are chosen by language.
    """
    plain = fold(text)
    known = _CODE.get(plain)
    if known is None and plain:
        known = _CODE.get(plain.split()[0])
    return known or plain


def same_language(wanted: str, names: Iterable[str | None]) -> bool:
    """Whether any of a stream's tag, code or name means the wanted language."""
    code = language_code(wanted)
    return bool(code) and any(language_code(name) == code for name in names if name)
