"""Options may stand before, between and after the other arguments, in every command."""

import itertools

import pytest

from seqzoo import cli

COMMANDS = {
    "list": ([["imdb-*"], []], [["--json"]], {"pattern": "imdb-*"}),
    "info": ([["a"]], [["--json"]], {"model": "a"}),
    "predict": ([["a"], ["one"], ["two"]], [["--json"]], {"model": "a", "texts": ["one", "two"]}),
    "generate": ([["a"], ["This film"]], [["--words", "3"], ["--json"]], {"model": "a", "prompt": "This film", "words": 3}),
    "explain": ([["a"], ["b"], ["text"]], [["--output", "x.html"]], {"models": ["a", "b"], "text": "text", "output": "x.html"}),
    "verify": ([["a"], ["b"]], [["--data-dir", "d"], ["--json"]], {"models": ["a", "b"], "data_dir": "d"}),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_options_stand_anywhere(command):
    words, options, expected = COMMANDS[command]
    for order in itertools.permutations(range(len(words) + len(options))):
        parts = [*words, *options]
        if [k for k in order if k < len(words)] == list(range(len(words))):
            arguments = vars(cli._parser().parse_args([command, *sum((parts[k] for k in order), [])]))
            assert {name: arguments[name] for name in expected} == expected
            assert arguments["json"] is (["--json"] in options)


def test_what_stands_after_two_dashes_is_a_text():
    for arguments in (["predict", "a", "--json", "--", "-x", "--json"], ["predict", "--json", "a", "--", "-x", "--json"]):
        found = cli._parser().parse_args(arguments)
        assert (found.json, found.texts) == (True, ["-x", "--json"])
    assert cli._parser().parse_args(["predict", "a", "-", "--json"]).texts == ["-"]


def test_what_stands_after_a_recipe_is_the_recipes():
    assert cli._parser().parse_args(["recipe", "imdb.sentiment", "--json", "--help"]).words == [
        "imdb.sentiment",
        "--json",
        "--help",
    ]


@pytest.mark.parametrize(
    "arguments, text",
    [
        (["predict"], "NAME"),
        (["predict", "a", "--sing", "text"], "unrecognized arguments: --sing"),
        (["generate", "a", "b", "c"], "unrecognized arguments: c"),
        (["explain", "a", "text"], "required: --output"),
        (["explain", "a", "--output", "x.html"], "required: TEXT"),
        (["generate", "a", "--words", "many"], "argument --words: invalid int value"),
    ],
)
def test_wrong_arguments_are_one_line(arguments, text, capsys):
    assert cli.main(arguments) == 2
    errors = capsys.readouterr().err
    assert errors.startswith("seqzoo: error: ") and errors.count("\n") == 1 and text in errors
