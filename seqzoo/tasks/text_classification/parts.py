"""What the modules of this room share of reading a card."""


def data_set_of(card):
    """The data set whose test split a card's figures `test` are of."""
    return card["data"].get("test_of", card["data"]["name"])
