"""What people's programs call stays as it is: every public name and command against tests/golden/public_api.txt."""

import difflib

from golden import write_api

HOW = (
    "Programs that call seqzoo may no longer run. If that is meant, follow the rule for deprecations in CONTRIBUTING.md, "
    "add a line to CHANGELOG.md and run `python tests/golden/write_api.py`.\n"
)


def test_the_public_api_is_kept():
    kept, found = write_api.FILE.read_text(encoding="utf-8"), write_api.public_api()
    difference = difflib.unified_diff(kept.splitlines(), found.splitlines(), "as released", "now", lineterm="")
    assert found == kept, HOW + "\n".join(difference)


def test_a_parameter_that_goes_or_moves_is_seen():
    def export(model, path, *, overwrite=False): ...

    def renamed(model, folder, *, overwrite=False): ...

    assert write_api.described("export", export) == ["export", "    model", "    path", "    overwrite=False"]
    assert write_api.described("export", renamed) != write_api.described("export", export)


def test_the_contract_is_in_it():
    lines = write_api.FILE.read_text(encoding="utf-8").splitlines()
    for name in ("seqzoo.LSTM.trace", "seqzoo.LSTMCell.gates", "model of text-classification.predict", "$ seqzoo verify"):
        assert name in lines
    place = lines.index("seqzoo.export.export_tflite")
    assert lines[place + 3 : place + 5] == ["    target='interpreter'", "    quantization=None"]
