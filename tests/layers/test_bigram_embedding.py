import keras
import numpy as np
import pytest

from seqzoo.layers.bigram_embedding import BigramEmbedding

SIZE = 40  # of the vocabulary


def pairs_of(count, seed=0):
    codes = np.sort(np.random.default_rng(seed).choice(SIZE * SIZE, count, replace=False))
    return np.stack([codes // SIZE, codes % SIZE], axis=1)


def layer_of(pairs, size=3, **options):
    layer = BigramEmbedding(len(pairs), size, SIZE, **options)
    layer.build((None, None))
    layer.set_pairs(pairs)
    return layer


def looked_up(pairs, vectors, ids):
    """By a dict, pair after pair."""
    rows = {(first, second): number for number, (first, second) in enumerate(pairs.tolist(), 1)}
    known = [[rows.get(pair, 0) for pair in zip([0, *row[:-1]], row, strict=True)] for row in ids.tolist()]
    return np.array(vectors)[np.array(known)]


@pytest.mark.parametrize("count", [1, 2, 3, 4, 7, 8, 9, 100, 1000, SIZE * SIZE])
def test_every_known_pair_is_found_and_no_other(count):
    pairs = pairs_of(count)
    layer = layer_of(pairs)
    everything = np.array([[first, second] for first in range(SIZE) for second in range(SIZE)], np.int32)
    ids = np.concatenate([everything.reshape(SIZE, -1), np.random.default_rng(1).integers(0, SIZE, (SIZE, 80))], 1)
    received = layer(ids.astype(np.int32))
    assert received.shape == (SIZE, 160, 3)
    np.testing.assert_array_equal(received, looked_up(pairs, layer.embeddings, ids))


def test_the_first_word_has_none_before_it_and_rows_do_not_run_into_each_other():
    layer = layer_of(np.array([[5, 6]]))
    received = np.asarray(layer(np.array([[6, 5], [6, 6], [5, 6]], np.int32)))
    unknown, known = np.asarray(layer.embeddings)
    np.testing.assert_array_equal(received, [[unknown, unknown], [unknown, unknown], [unknown, known]])


def test_without_pairs_nothing_is_known():
    layer = BigramEmbedding(5, 2, SIZE)
    received = np.asarray(layer(np.arange(SIZE, dtype=np.int32)[None]))
    np.testing.assert_array_equal(received, np.broadcast_to(layer.embeddings[0], received.shape))


@pytest.mark.parametrize("count", [0, 1, 5, 8])
def test_fewer_pairs_than_there_is_room_for(count):
    layer, fewer = layer_of(pairs_of(9)), pairs_of(count, seed=1)
    layer.set_pairs(fewer)
    ids = np.random.default_rng(0).integers(0, SIZE, (30, 60)).astype(np.int32)
    np.testing.assert_array_equal(layer(ids), looked_up(fewer, layer.embeddings, ids))


def test_the_greatest_vocabulary():
    layer = BigramEmbedding(2, 1, 46340)
    layer.build(None)
    layer.set_pairs([[46338, 46339], [46339, 46339]])
    received = np.asarray(layer(np.array([[46338, 46339, 46339]], np.int32)))[0, :, 0]
    np.testing.assert_array_equal(received, np.asarray(layer.embeddings)[[0, 1, 2], 0])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 2, 9), "`pairs` must be a whole number of at least 1. Received: 0"),
        ((2, 2.0, 9), "`size` must be .* Received: 2.0"),
        ((2, 2, True), "`vocabulary_size` must be .* Received: True"),
        ((2, 2, 46341), "`vocabulary_size` must be at most 46340. Received: 46341"),
    ],
)
def test_numbers_that_are_not_valid(arguments, message):
    with pytest.raises(ValueError, match=message):
        BigramEmbedding(*arguments)


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ([[1, 2], [1, 3], [1, 4]], r"must have shape \[n, 2\], n at most 2. Received: \(3, 2\)"),
        ([1, 2], r"must have shape \[n, 2\], n at most 2. Received: \(2,\)"),
        ([[1, 2], [SIZE, 3]], f"ids from 0 to {SIZE - 1}. Received: 1 to {SIZE}"),
        ([[-1, 2], [3, 3]], "Received: -1 to 3"),
        ([[3, 2], [3, 1]], "rising order, each once. Received: another order"),
        ([[3, 1], [3, 1]], "rising order, each once. Received: another order"),
    ],
)
def test_pairs_that_are_not_valid_change_nothing(pairs, message):
    layer = layer_of(pairs_of(2))
    before = np.array(layer.codes)
    with pytest.raises(ValueError, match=message):
        layer.set_pairs(pairs)
    np.testing.assert_array_equal(layer.codes, before)


def test_ids_that_are_not_integers():
    with pytest.raises(ValueError, match="`ids` must be integers. Received: float32"):
        layer_of(pairs_of(2))(np.zeros((1, 2), np.float32))


def test_vectors_are_trained_and_pairs_are_not():
    layer = layer_of(np.array([[5, 6], [7, 8]]))
    assert [weight.path for weight in layer.trainable_variables] == [layer.embeddings.path]
    inputs = keras.Input((None,), dtype="int32")
    network = keras.Model(inputs, layer(inputs))
    network.compile(keras.optimizers.SGD(1.0), "mse")
    before, codes = np.array(layer.embeddings), np.array(layer.codes)
    network.train_on_batch(np.array([[5, 6]], np.int32), np.ones((1, 2, 3), np.float32))
    changed = (np.array(layer.embeddings) != before).any(axis=1)
    assert changed.tolist() == [True, True, False]
    np.testing.assert_array_equal(layer.codes, codes)


@pytest.mark.parametrize("dtype", ["float32", "mixed_float16", "mixed_bfloat16"])
def test_saved_with_its_pairs(tmp_path, dtype):
    layer = layer_of(pairs_of(9), dtype=dtype, name="bigrams")
    inputs = keras.Input((None,), dtype="int32")
    network = keras.Model(inputs, layer(inputs))
    assert network.output_shape == (None, None, 3)
    network.save(tmp_path / "network.keras")
    again = keras.models.load_model(tmp_path / "network.keras")
    ids = np.random.default_rng(0).integers(0, SIZE, (3, 50)).astype(np.int32)
    received = again(ids)
    assert keras.backend.standardize_dtype(received.dtype) == layer.compute_dtype
    np.testing.assert_array_equal(keras.ops.cast(received, "float32"), keras.ops.cast(network(ids), "float32"))
    np.testing.assert_array_equal(again.get_layer("bigrams").codes, layer.codes)
