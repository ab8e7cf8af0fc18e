"""Progress of training."""

from seqzoo.progress import ProgressLine


class Progress(ProgressLine):
    """Shows `epoch 2/8  step 120/390  loss 0.3512  41 ms/step  0:11 left`, on a terminal with a bar."""

    def __init__(self, stream=None, interval=15.0):
        super().__init__(stream, interval, unit="step")

    def step(self, epoch, epochs, step, steps, loss):
        """Note one finished step (1-based) of an epoch (1-based)."""
        text = f"epoch {epoch}/{epochs}  step {step}/{steps}  loss {loss:.4f}"
        self.update((epoch - 1) * steps + step, epochs * steps, text)

    def epoch(self, epoch, epochs, figures):
        """Print an epoch's figures on a line that stays."""
        text = "  ".join(f"{name} {value:.4f}" for name, value in figures.items() if name != "epoch")
        self.write(f"epoch {epoch}/{epochs}  {text}")
