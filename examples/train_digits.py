"""Trains a small neural network to read handwritten digits, on the CPU, in about half a minute.

The data is the digits set that ships with scikit-learn (1,797 images of 8x8 pixels, from the UCI
repository): nothing is downloaded. The training images are shifted by one pixel each way and
slightly noised, so that there is something to learn for a while. The seed is fixed: two runs on one
machine print the same figures.

With --checkpoint FILE it can be paused: on SIGUSR1 it saves all that it is (weights, the optimiser's
moments, random numbers, epoch and step) and exits with status 75; started again with
LOWTIDE_RESUME=1 it goes on from there and ends with the same weights, bit for bit. docs/pausing.md
says what lowtide does with that.
"""

import argparse
import hashlib
import os
import pickle
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PAUSED = 75  # EX_TEMPFAIL of sysexits.h: not done, to be started again
SEED = 7
PIXEL_MAX = 16.0
BATCH = 64
STEP = 16 * BATCH  # images between two looks at whether a pause is wished for
PROGRESS_EVERY_S = 0.2


def arguments() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--epochs", type=int, default=50)
    parser.add_argument("--width", type=int, default=384, help="units of each of the two hidden layers")
    parser.add_argument("--slow", type=float, default=0.0, metavar="S", help="rest S seconds after each step")
    parser.add_argument("--checkpoint", type=Path, metavar="FILE", help="save there on SIGUSR1, and exit with 75")
    parser.add_argument("--checkpoint-every", type=int, default=0, metavar="N", help="save each N steps, too")
    return parser.parse_args()


class PauseWish:
    """Notes that a pause is wished for; the training looks at it between two steps."""

    def __init__(self) -> None:
        self.came = False
        signal.signal(signal.SIGUSR1, self.note)

    def note(self, *_: object) -> None:
        """The handler: saving in here would save the midst of a step."""
        self.came = True

    @staticmethod
    def end() -> None:
        """From here on a wish comes too late: it must not end the program in its last moments."""
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)


# Before the imports below, which take a second: the wish may come in the first one.
OPTIONS = arguments()
WISH = PauseWish() if OPTIONS.checkpoint else None

import numpy as np  # noqa: E402
from sklearn.datasets import load_digits  # noqa: E402
from sklearn.model_selection import train_test_split  # noqa: E402
from sklearn.neural_network import MLPClassifier  # noqa: E402


@dataclass
class Training:
    """All that must outlive a pause."""

    model: MLPClassifier  # with the moments of its optimiser
    rng: np.random.Generator
    of: dict[str, Any]  # what it was begun with
    order: np.ndarray | None = None  # of the images in this epoch; absent: not drawn yet
    epoch: int = 1
    step: int = 0
    loss: float = 0.0  # summed over the images of this epoch


def written_whole(path: Path, content: bytes) -> None:
    """Puts a file in the place of an old one: whoever reads sees the old or the new, never a half."""
    beside = path.with_name(path.name + ".new")
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


class Progress:
    """Tells lowtide how much is done, where it asks to be told."""

    def __init__(self) -> None:
        self.path = os.environ.get("LOWTIDE_PROGRESS")
        self.next = 0.0

    def say(self, done: float, now: bool = False) -> None:
        """A share of the work, 0 to 1; not at each of a hundred steps a second."""
        if self.path and (now or time.monotonic() >= self.next):
            self.next = time.monotonic() + PROGRESS_EVERY_S
            Path(self.path).write_text(f"{done:.6f}\n", encoding="ascii")


def shifted(images: np.ndarray, down: int, right: int) -> np.ndarray:
    """The 8x8 images moved by whole pixels, zeros moving in."""
    out = np.zeros_like(images)
    rows, columns = images.shape[1:]
    out[:, max(0, down):rows + min(0, down), max(0, right):columns + min(0, right)] = images[
        :, max(0, -down):rows - max(0, down), max(0, -right):columns - max(0, right)
    ]
    return out


def augmented(
    images: np.ndarray, labels: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Each image with its eight neighbours one pixel away, noised; flattened to rows."""
    moves = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    stack = np.concatenate([shifted(images, *move) for move in moves])
    stack = stack + rng.normal(0.0, 0.05, stack.shape)
    return stack.reshape(len(stack), -1), np.tile(labels, len(moves))


def begun(options: argparse.Namespace, rng: np.random.Generator) -> Training:
    """From the last save when lowtide goes on after a pause, else from the beginning."""
    of = {"epochs": options.epochs, "width": options.width}
    saved: Path | None = options.checkpoint
    if saved and os.environ.get("LOWTIDE_RESUME") == "1" and saved.exists():
        training: Training = pickle.loads(saved.read_bytes())  # noqa: S301: our own file
        if training.of != of:
            sys.exit(f"{saved}: saved by a run with {training.of}, not {of}; name another file")
        print(f"going on from epoch {training.epoch}, step {training.step}", flush=True)
        return training
    if saved:
        saved.unlink(missing_ok=True)  # of an earlier run: this one must never go on from it
    model = MLPClassifier(
        hidden_layer_sizes=(options.width, options.width), batch_size=BATCH, alpha=1e-4,
        learning_rate_init=3e-4, random_state=SEED,
    )
    return Training(model, rng, of)


def one_step(training: Training, inputs: np.ndarray, labels: np.ndarray) -> None:
    """Some batches through the network and back."""
    if training.order is None:
        training.order = training.rng.permutation(len(inputs))
    some = training.order[training.step * STEP:(training.step + 1) * STEP]
    training.model.partial_fit(inputs[some], labels[some], classes=np.arange(10))
    training.loss += training.model.loss_ * len(some)
    training.step += 1


def weights_sha256(model: MLPClassifier) -> str:
    """One word for all weights: two runs that agree in it agree in every bit."""
    digest = hashlib.sha256()
    for array in (*model.coefs_, *model.intercepts_):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def main(options: argparse.Namespace, wish: PauseWish | None) -> int:
    """Trains, printing one line an epoch."""
    rng = np.random.default_rng(SEED)
    digits = load_digits()
    train_images, test_images, train_labels, test_labels = train_test_split(
        digits.images / PIXEL_MAX, digits.target, test_size=0.25, random_state=SEED, stratify=digits.target
    )
    inputs, labels = augmented(train_images, train_labels, rng)
    held_out = test_images.reshape(len(test_images), -1)
    print(f"digits: {len(inputs)} training images, {len(held_out)} held out", flush=True)

    steps = -(-len(inputs) // STEP)
    training = begun(options, rng)
    progress = Progress()
    began = time.monotonic()
    while training.epoch <= options.epochs:
        done = ((training.epoch - 1) * steps + training.step) / (options.epochs * steps)
        progress.say(done, now=bool(wish and wish.came))
        if wish and wish.came:
            written_whole(options.checkpoint, pickle.dumps(training))
            wish.end()
            print(f"saved at epoch {training.epoch}, step {training.step}", flush=True)
            return PAUSED
        if options.checkpoint_every and wish and training.step % options.checkpoint_every == 0:
            written_whole(options.checkpoint, pickle.dumps(training))
        one_step(training, inputs, labels)
        time.sleep(options.slow)
        if training.step == steps:
            accuracy = training.model.score(held_out, test_labels)
            print(f"epoch {training.epoch:3d}  loss {training.loss / len(inputs):.4f}  held-out accuracy {accuracy:.4f}",
                  flush=True)
            training.epoch, training.step, training.order, training.loss = training.epoch + 1, 0, None, 0.0

    accuracy = training.model.score(held_out, test_labels)
    print(f"held-out accuracy {accuracy:.4f} after {options.epochs} epochs in {time.monotonic() - began:.1f} s")
    print(f"weights sha256 {weights_sha256(training.model)}", flush=True)
    if wish:
        wish.end()
    progress.say(1.0, now=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(OPTIONS, WISH))
