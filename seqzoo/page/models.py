"""What a page must know of a model: its card's facts, its form, its files with their hashes."""

from seqzoo.tasks import TASKS, get_task
from seqzoo.tasks.task import Task
from seqzoo.zoo import open_card
from seqzoo.zoo.golden import GOLDEN
from seqzoo.zoo.parts import WEIGHTS, read_parts


def read_model(name_or_path, files):
    """(entry for the page, task) of a model, checked as `load_pretrained` checks it.

    Args:
        files: `DataFiles`.

    Raises:
        UnknownModelError, CardError, ModelIntegrityError: as `load_pretrained`.
        ValueError: for a model that no page shows.
    """
    folder, card = open_card(name_or_path)
    task = get_task(card["task"])
    parts = read_parts(folder, card)
    form = task.browser_form(card["architecture"])
    if form is None:
        shown = [name for name in TASKS if type(get_task(name)).browser_form is not Task.browser_form]
        raise ValueError(f"A page shows models of the tasks {', '.join(shown)}. Received: {card['name']}, {task.name}")
    names = [name for name in (WEIGHTS, GOLDEN, *task.files) if name in parts.content]
    entry = {
        "name": card["name"],
        "summary": card["summary"],
        "parameters": card["parameters"],
        "headline": task.headline(card),
        "limits": card.get("limits", []),
        "form": form._asdict(),
        "files": {name: files.add(parts.content[name]) for name in names},
    }
    return entry, task
