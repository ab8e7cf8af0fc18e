"""What an error of Keras or TensorFlow says, in a line. Imports neither."""


def reason_of(error):
    """The line of an error that says what was wrong, without the list of arguments that Keras puts under it."""
    lines = [line for line in str(error).splitlines() if line.strip() and "Exception encountered" not in line]
    return lines[0].replace("\x1b[1m", "").replace("\x1b[0m", "").split(" for '{{node")[0] if lines else type(error).__name__
