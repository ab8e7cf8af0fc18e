"""Cards with one thing wrong in them, by the thousand, from a seed."""

import copy

VALUES = (
    *(None, True, False, 0, -1, 1, 3, 160_000, 10**9, 2**63, 10**18, 10**400, -(10**400), 0.5, -0.0, 1e308, 1e-320),
    *("", "x", "\x1b[2J\x1b]0;owned\x07", "\u202e", "\ud800", "a" * 3000, "../x", "lstm", "\0"),
    *([], [[]], [1, "a", None], ["x", "x"], {}, {"": {}}, {"accuracy": None}, {"a": {"b": []}}, [{}], [{"name": 1}]),
)


def places(value, path=()):
    """Paths of everything in a parsed card."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*path, key)
        yield from places(item, (*path, key))


def mutated(card, random, among=None):
    """A copy of `card` with something in it removed, replaced or added; and what was done, in words.

    Args:
        random: `random.Random`.
        among: paths to choose from; all of the card's if None.
    """
    card = copy.deepcopy(card)
    *way, key = random.choice(list(places(card)) if among is None else among)
    holder = card
    for step in way:
        holder = holder[step]
    value = copy.deepcopy(random.choice(VALUES))
    deed = random.choice(("remove", "replace", "replace", "replace", "add"))
    if deed == "remove":
        del holder[key]
    elif deed == "replace":
        holder[key] = value
    elif isinstance(holder, dict):
        holder[random.choice(("x", "\x1b[31m", "", "accuracy", "test", "quantization"))] = value
    else:
        holder.append(value)
    return card, f"{deed} {'.'.join(map(str, (*way, key)))}: {value!r:.80}"
