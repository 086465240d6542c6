#!/usr/bin/env python3
"""Train the perceptron of mlp_digits on the digits in data/, quantise it to int8 and write weights.bin.

    pip install numpy scikit-learn
    python3 train.py            # trains on data/, writes weights.bin, prints accuracies
    python3 train.py --export   # first writes data/ anew from scikit-learn's copy of the digits

Image i is held out of training if i % 3 == 2: 1,198 images train, 599 are held out. The penalty ALPHA was fixed beforehand;
cross-validation on the training images alone, run afterwards, ranks it best (--choose repeats it).
"""

import argparse
import pathlib
import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import cross_val_score
from sklearn.neural_network import MLPClassifier

HERE = pathlib.Path(__file__).resolve().parent
PIXELS, HIDDEN, CLASSES = 64, 32, 10
SEED = 2024
ALPHA = 1.0


def export():
    """Write scikit-learn's digits as bytes: 64 values of 0 to 16 per image, one label per image."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    images = digits.data.astype(np.uint8)
    assert (images == digits.data).all() and images.max() == 16
    (HERE / "data/images.u8").write_bytes(images.tobytes())
    (HERE / "data/labels.u8").write_bytes(digits.target.astype(np.uint8).tobytes())


def load():
    images = np.frombuffer((HERE / "data/images.u8").read_bytes(), np.uint8).reshape(-1, PIXELS)
    labels = np.frombuffer((HERE / "data/labels.u8").read_bytes(), np.uint8)
    assert len(images) == len(labels) == 1797
    return images, labels


def classifier(alpha=ALPHA):
    return MLPClassifier((HIDDEN,), alpha=alpha, max_iter=500, random_state=SEED)


def quantise(model, images):
    """Integers whose network approximates the model's: weights int8, biases int32, one shift.

    The model sees pixels / 16, the integers see pixels. A hidden value h of the model becomes h * unit, where unit is
    chosen so that the largest hidden value of the training images stays within int8.
    """
    (w1, w2), (b1, b2) = (w.T for w in model.coefs_), model.intercepts_
    scale1 = 127 / np.abs(w1).max()
    q1 = np.rint(w1 * scale1).astype(np.int64)
    c1 = np.rint(b1 * scale1 * 16).astype(np.int64)
    largest = (images.astype(np.int64) @ q1.T + c1).max()
    shift = max(0, int(np.ceil(np.log2(largest / 127.5))))
    unit = scale1 * 16 / 2**shift
    scale2 = 127 / np.abs(w2).max()
    q2 = np.rint(w2 * scale2).astype(np.int64)
    c2 = np.rint(b2 * scale2 * unit).astype(np.int64)
    return shift, c1, c2, q1, q2


def run(network, images):
    """Exactly what mlp_digits.cl computes: the logits of every image."""
    shift, c1, c2, q1, q2 = network
    sums = images.astype(np.int64) @ q1.T + c1
    hidden = np.clip((sums + ((1 << shift) >> 1)) >> shift, 0, 127)
    return hidden @ q2.T + c2


def save(network):
    shift, c1, c2, q1, q2 = network
    blob = b"".join([
        np.array([shift], "<u4").tobytes(),
        c1.astype("<i4").tobytes(),
        c2.astype("<i4").tobytes(),
        q1.astype(np.int8).tobytes(),
        q2.astype(np.int8).tobytes(),
    ])
    assert len(blob) == 2540
    (HERE / "weights.bin").write_bytes(blob)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--export", action="store_true", help="write data/ from scikit-learn first")
    parser.add_argument("--choose", action="store_true", help="only compare settings on the training images")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)

    if arguments.export:
        export()
    images, labels = load()
    held_out = np.arange(len(images)) % 3 == 2
    train = ~held_out

    if arguments.choose:
        for alpha in [0.0001, 0.01, 0.1, 0.3, 1.0, 3.0]:
            scores = cross_val_score(classifier(alpha), images[train] / 16, labels[train], cv=5)
            print(f"alpha {alpha}: {scores.mean():.4f} +- {scores.std():.4f}")
        return

    model = classifier().fit(images[train] / 16, labels[train])
    network = quantise(model, images[train])
    save(network)
    print(f"epochs {model.n_iter_}, shift {network[0]}")
    for name, chosen in [("train", train), ("held out", held_out), ("all", train | held_out)]:
        truth = labels[chosen]
        floats = (model.predict(images[chosen] / 16) == truth).sum()
        integers = (run(network, images[chosen]).argmax(axis=1) == truth).sum()
        total = chosen.sum()
        print(f"{name}: float {floats}/{total} = {floats / total:.4f}, int8 {integers}/{total} = {integers / total:.4f}")


if __name__ == "__main__":
    main()
