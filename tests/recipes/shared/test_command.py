import pytest

from recipes.shared.command import run


@pytest.mark.parametrize(
    "error", [ValueError("wrong"), FileNotFoundError("wrong"), ImportError("wrong"), FloatingPointError("wrong")]
)
def test_errors_that_a_user_can_mend_take_one_line(error, capsys):
    def main(_):
        raise error

    assert run(main) == 2
    assert capsys.readouterr().err == "error: wrong\n"


def test_an_error_without_a_text_is_named(capsys):
    def main(_):
        raise ValueError

    assert run(main) == 2 and capsys.readouterr().err == "error: ValueError\n"


def test_a_mistake_of_ours_keeps_its_traceback():
    def main(_):
        raise KeyError("units")

    with pytest.raises(KeyError):
        run(main)


def test_ctrl_c(capsys):
    def main(_):
        raise KeyboardInterrupt

    assert run(main, interrupted="Stopped.") == 130
    assert capsys.readouterr().err == "\nStopped.\n"


def test_success_passes_the_arguments_on():
    seen = []
    assert run(seen.append, ["--units", "3"]) == 0 and seen == [["--units", "3"]]
