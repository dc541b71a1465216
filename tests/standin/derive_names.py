"""Derive ``recorded_names.json`` from a folder of recorded Plex answers.

Run it after recordings were added: ``python -m tests.standin.derive_names <folder>``. Only names are kept.
"""

import json
import sys
from pathlib import Path
from xml.etree import ElementTree

from tests.standin.names import FORM_OF, FORMS, names_of

KEPT = Path(__file__).with_name("recorded_names.json")


def derive(folder: Path) -> dict[str, list[str]]:
    """The names in every recording that ``FORMS`` places; files that it does not know are left out."""
    found: dict[str, set[str]] = {}
    for form in FORMS:
        roots = [
            ElementTree.parse(path).getroot()
            for path in sorted(folder.rglob("*.xml"))
            if FORM_OF.get(path.stem) == form
        ]
        found |= names_of(form, roots)
    return {label: sorted(names) for label, names in sorted(found.items())}


if __name__ == "__main__":
    KEPT.write_text(json.dumps(derive(Path(sys.argv[1])), indent=0, ensure_ascii=False) + "\n", encoding="utf-8")
