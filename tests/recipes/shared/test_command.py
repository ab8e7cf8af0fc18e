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


@pytest.mark.parametrize("error, said", [(KeyboardInterrupt, "\nStopped.\n"), (ValueError, "error: ValueError\n")])
def test_what_was_printed_before_stands_before_in_a_log_of_both_streams(tmp_path, monkeypatch, error, said):
    """A file keeps what is printed in a buffer: what ended the run once stood above what it had done."""

    def main(_):
        print("trained")
        raise error

    with open(tmp_path / "log", "a") as out, open(tmp_path / "log", "a", buffering=1) as err:
        monkeypatch.setattr("sys.stdout", out)
        monkeypatch.setattr("sys.stderr", err)
        run(main, interrupted="Stopped.")
        monkeypatch.undo()
    assert (tmp_path / "log").read_text() == f"trained\n{said}"


def test_success_passes_the_arguments_on():
    seen = []
    assert run(seen.append, ["--units", "3"]) == 0 and seen == [["--units", "3"]]
