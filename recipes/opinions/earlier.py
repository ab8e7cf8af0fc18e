"""What the card of a published model of opinions tells, for a model that was trained further from it."""

import json
import shlex
from typing import NamedTuple


class Earlier(NamedTuple):
    """A published model of opinions that was trained further, as its card tells of it."""

    name: str
    run: str  # the run that it was published from
    lines: list  # the commands that made that run
    encoder: str  # the model of the zoo that the first of them began with
    search: list

    @classmethod
    def of(cls, folder):
        """Of a model's folder; None of None.

        Raises:
            ValueError: no run of `recipes.opinions.publish` made it.
        """
        if folder is None:
            return None
        card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
        *lines, last = card["command"].splitlines()
        words = shlex.split(last)
        if not lines or words[2:3] != ["recipes.opinions.publish"]:
            raise ValueError(f"--earlier takes a folder made by recipes.opinions.publish. Received: {folder}")
        first = shlex.split(lines[0])
        return cls(card["name"], words[4], lines, first[first.index("--encoder") + 1], card["search"])

    def in_place(self, made_with):
        """A run's arguments with the run in the place of the published model that it began with."""
        return made_with | {"encoder": f"{self.run}/model"} if made_with["encoder"] == self.name else made_with
