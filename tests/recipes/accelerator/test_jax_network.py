"""The networks that are trained under JAX are those that seqzoo runs, and their losses what they are said to be."""

import json

import numpy as np
import pytest

jax = pytest.importorskip("jax")
pytest.importorskip("optax")

from recipes.accelerator import corpus, finish, mixed, network  # noqa: E402
from recipes.accelerator.forms import Form  # noqa: E402
from recipes.accelerator.trainer import Effort, Trainer  # noqa: E402

FORMS = [
    Form(12, 5, 4, bidirectional=True),
    Form(12, 5, 4, pooling="last_max"),
    Form(12, 5, 4, cell="rnn", pooling="max_mean"),
]


@pytest.fixture(scope="module", params=FORMS, ids=lambda form: f"{form.cell}-{form.pooling}")
def network_and_weights(request):
    weights = network.begin(request.param, jax.random.key(1))
    return request.param, jax.tree.map(lambda of: of * 2, weights)


def test_a_finished_student_answers_as_under_jax(network_and_weights, tmp_path):
    form, weights = network_and_weights
    words = ["[PAD]", "[UNK]", *"abcdefghij", "never", "read"]
    (tmp_path / "vocabulary.txt").write_text("\n".join(words) + "\n")
    arrays = {name.replace("/", "|"): np.asarray(value) for name, value in network.named(form, weights).items()}
    np.savez(tmp_path / "student.npz", form=json.dumps(form._asdict()), **arrays)
    model = finish.read_model(tmp_path / "student.npz", tmp_path / "vocabulary.txt", max_tokens=20)
    texts = ["a b c d e never f", "j", "a b", "i h g f e d c b a"]  # "never" is beyond the vocabulary: unknown to both
    ids = np.zeros((4, 11), np.int32)
    for row, text in enumerate(texts):
        of = [words.index(word) for word in text.split()]
        ids[row, : len(of)] = of
    lengths = (ids > 0).sum(1).astype(np.int32)
    scores = network.logits(form, weights, network.embed(form, weights, ids), lengths)
    np.testing.assert_allclose(model.predict(texts), jax.nn.sigmoid(scores), atol=2e-6)


def test_finish_saves_a_model_with_its_validation_figures(tmp_path, capsys):
    import seqzoo
    from seqzoo.data.reviews import load_reviews
    from seqzoo.data.vocabulary import Vocabulary

    words = Vocabulary.build(load_reviews("sample").train.texts, 40).words
    (tmp_path / "vocabulary.txt").write_text("\n".join(words) + "\n")
    form = FORMS[1]._replace(vocabulary_size=40)
    arrays = network.named(form, network.begin(form, jax.random.key(0)))
    np.savez(
        tmp_path / "student.npz", form=json.dumps(form._asdict()), **{name.replace("/", "|"): of for name, of in arrays.items()}
    )
    where = ["--vocabulary", str(tmp_path / "vocabulary.txt"), "--data", "sample", "--output", str(tmp_path / "model")]
    assert finish.main([str(tmp_path / "student.npz"), *where]) == 0
    model = seqzoo.load_pretrained(tmp_path / "model")
    assert f"validation accuracy {model.card['metrics']['validation']['accuracy']:.4f}" in capsys.readouterr().out
    assert model.vocabulary.words == words and "larger model" in model.card["limits"][0]
    assert finish.main([str(tmp_path / "none.npz"), *where]) == 2 and "none.npz" in capsys.readouterr().err


def test_the_move_is_a_share_of_a_words_length_and_leaves_padding():
    vectors, lengths = np.full((2, 4, 9), 2.0, np.float32), np.array([4, 2])
    move = np.asarray(mixed.moved(vectors, np.random.default_rng(0).normal(size=vectors.shape), lengths, 0.5))
    np.testing.assert_allclose(np.sqrt(np.square(move).sum((1, 2))), [3.0, 3.0], rtol=1e-5)  # half of sqrt(9 * 2^2)
    assert not move[1, 2:].any()


def test_a_moved_text_is_harder_and_the_four_losses_are_summed():
    form = FORMS[1]._replace(word_dropout=0, embedding_dropout=0, dropout=0)
    weights = jax.tree.map(lambda of: of * 4, network.begin(form, jax.random.key(2)))
    ids = np.random.default_rng(1).integers(2, 12, (6, 7)).astype(np.int32)
    lengths, labels = np.full(6, 7, np.int32), np.array([1, 0, 1.0], np.float32)
    value, parts = mixed.mixed(form, weights, ids, lengths, labels, 3, jax.random.key(3), 0.5)
    assert parts["adversarial"] > parts["cross-entropy"] > 0
    assert parts["virtual adversarial"] > 0
    half = 0.5 * (parts["entropy"] + parts["virtual adversarial"])
    np.testing.assert_allclose(value, parts["cross-entropy"] + parts["adversarial"] + half, rtol=1e-5)
    alone = mixed.supervised(form, weights, ids[:3], lengths[:3], labels, jax.random.key(3))
    np.testing.assert_allclose(alone, parts["cross-entropy"] + parts["adversarial"], rtol=1e-4)


def test_texts_are_met_as_often_as_their_shares_say_and_cut_within_themselves():
    texts = corpus.Texts(np.arange(60), [10, 20, 30], [1, 0, 1], [1, 3, 4])
    draws = corpus.Draws(texts, (16, 32), 320, 100, np.random.default_rng(0))
    assert draws.rows(16) == 20 and draws.rows(32) == 10
    many = draws.places(32, 7000)
    assert set(many) == {1, 2} and abs((many == 2).mean() - 4 / 7) < 0.03
    starts, lengths = texts.cut(np.array([2, 0]), 16, np.random.default_rng(0), ends=0.0)
    ids = np.asarray(corpus.gather(texts.ids, starts, lengths, 16))
    assert 30 <= ids[0, 0] and ids[0, -1] == ids[0, 0] + 15 < 60
    np.testing.assert_array_equal(ids[1], [*range(10), *[0] * 6])


def test_a_trainer_follows_the_loss_and_keeps_a_mean():
    trainer = Trainer({"x": np.array([4.0, -2.0], np.float32)})
    trainer.begin({"x": np.array([4.0, -2.0], np.float32)}, 60, 0.3)
    for _ in range(60):
        found = trainer.step("square", lambda weights: (weights["x"] ** 2).sum())
    assert found["loss"] < 0.5 and np.abs(trainer.mean["x"]).max() < 1.5
    assert Effort(10.0).steps_of(0.1, 5.0) == 50 and Effort(10.0, 7).steps_of(0.1, 5.0) == 7
