"""The networks that are trained under JAX are those that seqzoo runs, and their losses what they are said to be."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

jax = pytest.importorskip("jax")
pytest.importorskip("optax")

from recipes.accelerator import check, classifier, corpus, finish, mixed, network, stages  # noqa: E402
from recipes.accelerator.forms import Form, form_of  # noqa: E402
from recipes.accelerator.trainer import Effort, Trainer, slope_of  # noqa: E402
from recipes.imdb.odds import geometric_mean  # noqa: E402

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
    arrays = {name: np.asarray(value) for name, value in network.named(form, weights).items()}
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


def test_finish_writes_a_run_with_its_validation_figures_and_the_commands_that_made_it(tmp_path, capsys):
    import seqzoo
    from recipes.publishing.chain import commands
    from seqzoo.data.reviews import load_reviews
    from seqzoo.data.vocabulary import Vocabulary

    words = Vocabulary.build(load_reviews("sample").train.texts, 40).words
    (tmp_path / "vocabulary.txt").write_text("\n".join(words) + "\n")
    form = FORMS[1]._replace(vocabulary_size=40)
    arrays = network.named(form, network.begin(form, jax.random.key(0)))
    made = {
        "seed": 5,
        "prepared": "prepare it",
        "encoder": None,
        "teachers": "bag-of-bigrams",
        "teacher_weights": "2",
        "trained": "train it",
    }
    np.savez(tmp_path / "student.npz", form=json.dumps(form._asdict()), made=json.dumps(made), **arrays)
    where = ["--vocabulary", str(tmp_path / "vocabulary.txt"), "--data", "sample", "--output", str(tmp_path / "run")]
    assert finish.main([str(tmp_path / "student.npz"), *where]) == 0
    model = seqzoo.load_pretrained(tmp_path / "run/model")
    metrics = json.loads((tmp_path / "run/metrics.json").read_text())
    assert f"validation accuracy {metrics['validation']['accuracy']:.4f}" in capsys.readouterr().out
    assert model.vocabulary.words == words
    learned = " ".join(model.card["limits"])
    assert "larger model" in learned and "(bag-of-bigrams, weighted 2)" in learned and "labelled reviews alone" not in learned
    *before, last = commands([tmp_path / "run"])
    assert before == ["prepare it", "train it"] and model.config["seed"] == 5
    assert last.startswith(f"python -m recipes.accelerator.finish {tmp_path}/student.npz --vocabulary ")
    assert last.endswith(f" --output {tmp_path / 'run'}")
    known = tmp_path / "known.csv"
    text = load_reviews("sample").validation.texts[0].replace('"', '""')
    known.write_text(f'text\n"{text}"\n')
    assert finish.main([str(tmp_path / "student.npz"), *where[:-1], str(tmp_path / "other"), "--without", str(known)]) == 0
    assert f" of {len(load_reviews('sample').validation.texts) - 1} reviews" in capsys.readouterr().out
    assert commands([tmp_path / "other"])[-1].endswith(f" --without known.csv --output {tmp_path / 'other'}")
    assert finish.main([str(tmp_path / "none.npz"), *where]) == 2 and "none.npz" in capsys.readouterr().err


def test_the_move_is_a_share_of_a_words_length_and_leaves_padding():
    vectors, lengths = np.full((2, 4, 9), 2.0, np.float32), np.array([4, 2])
    move = np.asarray(mixed.moved(vectors, np.random.default_rng(0).normal(size=vectors.shape), lengths, 0.5))
    np.testing.assert_allclose(np.sqrt(np.square(move).sum((1, 2))), [3.0, 3.0], rtol=1e-5)  # half of sqrt(9 * 2^2)
    assert not move[1, 2:].any()


def losses_given(form, weights, ids, lengths, labels, labelled, key, own, taught, apart, misled, answers):
    """The sum of `mixed`, by the moved vectors that it found, for autodiff to follow as it is written down."""
    keys = jax.random.split(key, 2)

    def scores(vectors):
        found = network.logits(form, weights, vectors, lengths, keys[1], apart)
        return found if apart else found[:, None]

    vectors = network.embed(form, weights, ids, keys[0])
    clean, other = scores(vectors), scores(vectors + misled)
    known, believed = labels[:labelled, None], labels[labelled:, None]
    p = jax.nn.sigmoid(clean[labelled:])
    entropy = mixed.cross_entropy(clean[labelled:], p).mean()
    told = mixed.cross_entropy(clean[:labelled], known).mean() + mixed.cross_entropy(other[:labelled], known).mean()
    virtual = (mixed.cross_entropy(other[labelled:], answers) - mixed.entropy_of(answers)).mean()
    return told + taught * mixed.cross_entropy(clean[labelled:], believed).mean() + own * ((1 - taught) * entropy + virtual)


@pytest.mark.parametrize(("form", "apart"), [(FORMS[0], True), (FORMS[0], False), (FORMS[1], False)])
def test_the_gradient_is_that_of_the_losses_summed_and_a_moved_text_is_harder(form, apart, monkeypatch):
    weights = jax.tree.map(lambda of: of * 4, network.begin(form, jax.random.key(2)))
    weights["head"]["kernel"] *= 5
    ids = np.random.default_rng(1).integers(2, 12, (6, 7)).astype(np.int32)
    lengths, labels = np.full(6, 7, np.int32), np.array([1, 0, 1.0, 0.3, 0.6, 0.9], np.float32)
    moves, moved = [], mixed.moved
    monkeypatch.setattr(mixed, "moved", lambda *of: moves.append(moved(*of)) or moves[-1])
    data = (ids, lengths, labels, 3, jax.random.key(3), 0.5, 0.25, apart)
    (value, parts), gradient = mixed.mixed(form, weights, *data)
    keys = jax.random.split(jax.random.key(3), 2)
    vectors = network.embed(form, weights, ids, keys[0])
    scores = network.logits(form, weights, vectors, lengths, keys[1], apart).reshape(6, -1)
    given = (moves[0], jax.nn.sigmoid(scores[3:]))
    expected, slope = jax.value_and_grad(lambda of: losses_given(form, of, *data, *given))(weights)
    np.testing.assert_allclose(value, expected, rtol=1e-5)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=2e-5), gradient, slope)
    assert parts["adversarial"] > parts["cross-entropy"] > 0 and parts["virtual adversarial"] > 0
    # What is believed of texts without a label is believed less of the moved ones.
    after = network.logits(form, weights, vectors + moves[0], lengths, keys[1])
    before = network.logits(form, weights, vectors, lengths, keys[1])
    assert (np.abs(after) < np.abs(before))[3:].all() or apart
    # Of several answers it is their sum, each weighted by how it is learnt from.
    slopes = jax.grad(lambda of: mixed.of_clean(of, labels[:, None], 3, 0.5, 0.25)[0])(scores)

    def weighted(vectors):
        return (slopes * network.logits(form, weights, vectors, lengths, keys[1], apart).reshape(6, -1)).sum()

    risen = (np.asarray(moves[0]) * np.asarray(jax.grad(weighted)(vectors))).sum((1, 2))
    assert (risen[:3] > 0).all()
    np.testing.assert_array_equal(np.sign(risen[3:]), np.sign((slopes * -scores).sum(1))[3:])


def test_texts_with_labels_alone_have_no_losses_of_others():
    form = FORMS[1]._replace(word_dropout=0, embedding_dropout=0, dropout=0)
    weights = jax.tree.map(lambda of: of * 4, network.begin(form, jax.random.key(2)))
    ids = np.random.default_rng(1).integers(2, 12, (3, 7)).astype(np.int32)
    lengths, labels = np.full(3, 7, np.int32), np.array([1, 0, 0.7], np.float32)
    (value, parts), _ = mixed.mixed(form, weights, ids, lengths, labels, 3, jax.random.key(3))
    assert sorted(parts) == ["adversarial", "cross-entropy"]
    np.testing.assert_allclose(value, parts["adversarial"] + parts["cross-entropy"], rtol=1e-6)
    alone = mixed.plain(form, weights, ids, lengths, labels, jax.random.key(3))
    np.testing.assert_allclose(alone, parts["cross-entropy"], rtol=1e-6)


def test_what_the_directions_answer_apart_has_the_answer_as_its_mean(network_and_weights):
    form, weights = network_and_weights
    ids = np.random.default_rng(1).integers(2, 12, (3, 7)).astype(np.int32)
    vectors, lengths = network.embed(form, weights, ids), np.array([7, 3, 5], np.int32)
    apart = network.logits(form, weights, vectors, lengths, apart=True)
    assert apart.shape == (3, 1 + form.bidirectional)
    np.testing.assert_allclose(apart.mean(1), network.logits(form, weights, vectors, lengths), atol=1e-5)
    if form.bidirectional:  # the forward one answers what it would without the other
        other = weights | {"directions": [weights["directions"][0], jax.tree.map(lambda of: of + 1, weights["directions"][1])]}
        again = network.logits(form, other, vectors, lengths, apart=True)
        np.testing.assert_allclose(again[:, 0], apart[:, 0], atol=1e-6)
        assert np.abs(again[:, 1] - apart[:, 1]).min() > 1e-4


def test_weights_are_found_again_under_the_names_of_keras(network_and_weights):
    form, weights = network_and_weights
    again = network.unnamed(form, network.named(form, weights))
    jax.tree.map(np.testing.assert_array_equal, again, weights)
    assert jax.tree.structure(again) == jax.tree.structure(weights)


def test_a_form_is_read_from_a_models_settings():
    settings = {**FORMS[0]._asdict(), "max_tokens": 800, "seed": 3}
    assert form_of(settings) == FORMS[0]


def test_what_is_compiled_wrongly_is_found_before_anything_is_trained(monkeypatch):
    lines = []
    check.check({"teacher": FORMS[0]}, (2, 3), 12, lines.append)
    assert "teacher's answers" in lines[0] and "teacher's gradients" in lines[0]

    def otherwise(x):
        return x * (1.1 if isinstance(x, jax.core.Tracer) else 1)

    assert check.from_compiling(otherwise, np.ones(3, np.float32)) == pytest.approx(0.1, rel=1e-4)
    right = check.logits
    monkeypatch.setattr(check, "logits", lambda *of: otherwise(right(*of)))
    with pytest.raises(RuntimeError, match=r"issues/39486. Received: teacher's answers 0.1 apart$"):
        check.check({"teacher": FORMS[0]}, (2, 3), 12, lines.append)


def test_a_network_that_answers_otherwise_than_elsewhere_is_not_trained():
    form = FORMS[1]
    weights = jax.tree.map(lambda of: of * 4, network.begin(form, jax.random.key(2)))
    texts = corpus.Texts(np.random.default_rng(0).integers(2, 12, 60), [10, 20, 30], [1, 0, 1])
    expected, lines = classifier.answers(form, weights, texts)[:2], []
    check.check_known(form, weights, texts, expected, 800, lines.append)
    assert "answers known from elsewhere 0 apart" in lines[0]
    with pytest.raises(RuntimeError, match="Received: answers known from elsewhere 0.091 apart$"):
        check.check_known(form, weights, texts, expected * 1.1, 800, lines.append)
    expected[1] = 0.5  # the second has 20 words, of which it was asked about the last 12
    check.check_known(form, weights, texts, expected, 12, lines.append)


def test_a_stage_is_made_once_and_not_gone_on_with_by_another_command(tmp_path):
    made = []
    for _ in range(2):
        found = stages.Stages(tmp_path, "train --minutes 4", [].append).get(
            "teacher", lambda: made.append(1) or {"x": np.ones(2)}
        )
        np.testing.assert_array_equal(found["x"], 1)
    assert len(made) == 1
    with pytest.raises(ValueError, match="stages of `train --minutes 4`.* Received: `train --minutes 9`$"):
        stages.Stages(tmp_path, "train --minutes 9", [].append)


def test_nan_is_no_nearer_than_anything_else():
    def one_is_nan(x):
        return jax.numpy.where(isinstance(x, jax.core.Tracer), jax.numpy.nan, x), x

    assert np.isnan(check.from_compiling(one_is_nan, np.ones(3, np.float32)))
    assert np.isnan(check.from_compiling(lambda x: one_is_nan(x)[::-1], np.ones(3, np.float32)))
    with pytest.raises(RuntimeError, match="Received: x nan apart$"):
        check._judge({"x": float("nan")}, lambda line: None)


def test_the_share_of_two_opinions_is_the_one_nearest_to_the_labels():
    random = np.random.default_rng(0)
    labels = random.integers(0, 2, 4000).astype(float)
    one, other = (1 / (1 + np.exp(-2 * (2 * labels - 1 + random.normal(0, noise, 4000)))) for noise in (0.5, 5.0))
    assert classifier.best_share(one, other, labels) >= 0.9 and classifier.best_share(other, one, labels) <= 0.1
    np.testing.assert_allclose(geometric_mean(one, other, 1.0), one, atol=1e-4)
    both = geometric_mean(np.array([0.8]), np.array([0.5]), 0.5)
    np.testing.assert_allclose(both, 2 / 3)  # odds of 4 and 1: their geometric mean is 2


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


def test_texts_together_are_met_as_often_as_asked():
    few, many = corpus.Texts(np.arange(20), [10, 10], [1, 0]), corpus.Texts(np.arange(100, 160), [20] * 3, [0.5] * 3)
    both = few.together(many, 0.4)
    assert both.shares[:2].sum() / both.shares.sum() == pytest.approx(0.4)
    assert list(both.labels) == [1, 0, 0.5, 0.5, 0.5] and list(both.lengths) == [10, 10, 20, 20, 20]
    starts, lengths = both.cut(np.array([2]), 5)
    np.testing.assert_array_equal(corpus.gather(both.ids, starts, lengths, 5), [[115, 116, 117, 118, 119]])


def test_a_trainer_follows_the_loss_and_keeps_a_mean():
    trainer = Trainer({"x": np.array([4.0, -2.0], np.float32)})
    trainer.begin({"x": np.array([4.0, -2.0], np.float32)}, 60, 0.3)
    for _ in range(60):
        found = trainer.step("square", slope_of(lambda weights: (weights["x"] ** 2).sum()))
    assert found["loss"] < 0.5 and np.abs(trainer.mean["x"]).max() < 1.5
    assert Effort(10.0).steps_of(0.1, 5.0) == 50 and Effort(10.0, 7).steps_of(0.1, 5.0) == 7


def test_what_lies_deeper_may_learn_more_slowly():
    begun = {"deep": np.array([1.0], np.float32), "head": np.array([1.0], np.float32)}
    trainer = Trainer(begun, {"deep": 4.0})
    trainer.begin(begun, 1, 0.1)
    trainer.step("both", slope_of(lambda weights: weights["deep"].sum() + weights["head"].sum()))
    moved = {name: float(1 - of[0]) for name, of in trainer.weights.items()}
    assert moved["head"] == pytest.approx(4 * moved["deep"], rel=1e-4) and moved["head"] > 0


def test_a_student_learns_what_it_is_told_and_its_best_is_kept(tmp_path):
    form = Form(12, 6, 8, pooling="last_max", word_dropout=0.0, embedding_dropout=0.0, dropout=0.0)
    random = np.random.default_rng(0)
    lengths = random.integers(3, 9, 200)
    ids = random.integers(2, 12, lengths.sum()).astype(np.uint16)
    # What they are told: a text is positive if its last word is one of half the words.
    labels = (ids[np.cumsum(lengths) - 1] < 7).astype(np.float32)
    texts = {"reviews": corpus.Texts(ids, lengths, labels), "short": corpus.Texts(ids, lengths, labels)}
    options = SimpleNamespace(student_words=3200, student_rate=0.05)
    kept, lines, first = [], [], network.begin(form, jax.random.key(0))
    data = (Effort(0, 90), options, random, jax.random.key(1), lines.append, {"reviews": texts["reviews"]}, kept.append)
    learnt = classifier.train_student(form, first, 0.3, texts, *data)
    accuracy, loss = classifier.judge(form, learnt, {"reviews": texts["reviews"]})["reviews"]
    assert accuracy > 0.9 and loss < 0.3
    jax.tree.map(np.testing.assert_array_equal, learnt, kept[-1])
    assert "adversarial" in lines[-1] and "'loss'" in lines[-1]
