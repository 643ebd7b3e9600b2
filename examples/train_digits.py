"""Trains a small neural network to read handwritten digits, on the CPU, in about half a minute.

The data is the digits set that ships with scikit-learn (1,797 images of 8x8 pixels, from the UCI
repository): nothing is downloaded. The training images are shifted by one pixel each way and
slightly noised, so that there is something to learn for a while. The seed is fixed: two runs on one
machine print the same figures.
"""

import argparse
import sys
import time

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

SEED = 7
PIXEL_MAX = 16.0


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


def main() -> int:
    """Trains, printing one line an epoch."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=50)
    parser.add_argument("--width", type=int, default=384, help="units of each of the two hidden layers")
    options = parser.parse_args()

    rng = np.random.default_rng(SEED)
    digits = load_digits()
    train_images, test_images, train_labels, test_labels = train_test_split(
        digits.images / PIXEL_MAX, digits.target, test_size=0.25, random_state=SEED, stratify=digits.target
    )
    inputs, labels = augmented(train_images, train_labels, rng)
    held_out = test_images.reshape(len(test_images), -1)
    print(f"digits: {len(inputs)} training images, {len(held_out)} held out", flush=True)

    model = MLPClassifier(
        hidden_layer_sizes=(options.width, options.width), batch_size=64, alpha=1e-4,
        learning_rate_init=3e-4, random_state=SEED,
    )
    began = time.monotonic()
    for epoch in range(1, options.epochs + 1):
        model.partial_fit(inputs, labels, classes=np.arange(10))
        accuracy = model.score(held_out, test_labels)
        print(f"epoch {epoch:3d}  loss {model.loss_:.4f}  held-out accuracy {accuracy:.4f}", flush=True)
    print(f"held-out accuracy {accuracy:.4f} after {options.epochs} epochs in {time.monotonic() - began:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
