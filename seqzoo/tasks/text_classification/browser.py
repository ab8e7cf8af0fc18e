"""Text classifiers on a page in a browser: their form, and sentences to play with, written for it."""

from pathlib import Path

from seqzoo.tasks.browser import BrowserForm, recurrent_layers

# The first ten are offered; all are read to find the words that drive a unit.
SENTENCES = """\
The movie started off great with an engaging plot... but by the end, it became boring and predictable
It began slowly, but by the last act I was in tears. A wonderful, moving film!
Not bad at all, I would happily watch it again.
Market falls into bear territory
What a waste of a brilliant cast!
The acting is superb and the music is beautiful, but the story is dreadful and the ending is worse.
I expected nothing and it still let me down.
Nobody who sat through all three hours will ever call it dull.
At first I was bored by every scene. The camera never moves, nobody laughs, and half of it takes place in a kitchen at night. \
Then, quietly, the father tells the story of the boat, and from that minute on I could not look away. \
One of the best films of the year.
I wanted to love it, and for twenty minutes I did. After that the jokes repeat, the hero explains what we have just seen, and \
the last chase seems to go on for a week. Save your money.
A charming little comedy that knows exactly when to stop.
The script is lazy and the effects look cheap.
My children loved every minute and so did their grandmother.
I have seen better acting in commercials.
An honest, funny and surprisingly tender portrait of two old friends.
The worst sequel I have ever paid for.
Every frame is gorgeous and the cello score still haunts me.
It is too long, too loud and far too pleased with itself.
She gives the performance of her life in a perfect final scene.
Nothing happens for an hour and then it gets ridiculous.
A masterpiece of suspense, tight, clever and terrifying.
The plot makes no sense and nobody seems to care.
I laughed until my sides hurt.
The dialogue is wooden and the romance is painful to watch.
Highly recommended for anyone who loves old detective stories.
An insult to the book, which was excellent.
The director finds beauty in the smallest of gestures.
Poorly lit, badly edited and forgettable.
It may be simple, but it works wonderfully.
Terrible pacing ruins what could have been a great thriller.
An unforgettable evening, see it on the biggest screen you can find.
I walked out after forty awful minutes.
The young lead is a revelation.
Pointless, mean and boring from start to finish.
Warm, witty and wise, a real treasure.
The twist is stupid and you can see it coming from a mile away.
It has its flaws, yet I enjoyed it more than any film this summer.
Sadly the second half falls apart.
Amazing stunts and a villain you love to hate.
Do not bother, it is a mess.
Fun, fresh and beautifully shot.
An annoying hero in a dull town.
The best thing about it is the poster.
A solid, well made drama with an excellent supporting cast.
It fails as a comedy and it fails as a horror film.
I would give it ten out of ten.
Unwatchable, and I watch everything.
A delightful surprise on a rainy Sunday.
The camera shakes, the actors shout and my head hurts.
Powerful, moving and true.
"""


def browser_form(config):
    """`BrowserForm` of a text classifier's config."""
    reads = {"kind": "words", "max_tokens": config["max_tokens"], "embedding": "embedding/embeddings"}
    if config.get("bigrams"):
        reads["bigrams"] = "bigrams/embeddings"
    return BrowserForm(
        reads,
        recurrent_layers(config),
        [part for part in ("last", "max", "mean") if part in config["pooling"].split("_")],
        {"kernel": "probability/kernel", "bias": "probability/bias"},
        {"kind": "classes", "names": list(config.get("classes", ("negative", "positive")))},
    )


def browser_examples(path=None):
    """The sentences, or the lines of a file.

    Raises:
        ValueError: for a file without a line of words.
    """
    from seqzoo.data.tokenizer import tokenize

    lines = (SENTENCES if path is None else Path(path).read_text(encoding="utf-8")).splitlines()
    found = [line.strip() for line in lines if tokenize(line)]
    if not found:
        raise ValueError(f"A file of examples holds at least one line of words. Received: {path}")
    return found
