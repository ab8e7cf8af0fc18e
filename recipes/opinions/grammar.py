"""Sentences made by rules that know their own verdict: negation near and far, turns, others' opinions, questions.

`opinions(count, seed)` gives them. A verdict is a number, 1 praise and 0 blame; the words are of many subjects. No frame
is one of `suite.txt`, which judges what is learned from them: tests/recipes/opinions checks that no run of six words
stands in both.
"""

import random

from .grammar_words import (
    AFRAID,
    AGREED,
    ASIDE,
    BAD_NP,
    BAD_V,
    BAD_VP,
    BELIEVE,
    BETTER,
    BLAMING,
    BLANK,
    CLOSED,
    DIDNT,
    DISLIKE,
    DISLIKED,
    DONE_WELL,
    EAGER,
    EARLY,
    FAR_FROM,
    FILLER,
    GLAD,
    GOOD_NP,
    GOOD_V,
    GOOD_VP,
    HAD_THEY,
    HOPED,
    IN_NO_WAY,
    ISNT,
    LATE,
    LIKE,
    LIKED,
    LUCKILY,
    MEASURES,
    MERIT,
    MERITS,
    MORE,
    NO,
    NOT_AT_ALL,
    NOW,
    OUTSHINES,
    OUTSHONE,
    PAST,
    PRAISING,
    SADLY,
    SAID,
    SORRY,
    THING,
    THOUGH,
    TROUBLE,
    TROUBLES,
    WAS_NOT,
    WHO,
    WORSE,
    YES,
)


def opinions(count, seed=0):
    """`count` sentences of the grammar, no two alike: a list of (text, verdict in 0..1, name of the rule).

    Raises:
        ValueError: the grammar has fewer.
    """
    # Only random() is used of it: the one method whose sequence Python promises to keep.
    maker, found, tries = Maker(random.Random(seed).random), {}, 0
    while len(found) < count:
        tries += 1
        if tries > 20 * count + 1000:
            raise ValueError(f"The grammar is asked for more sentences than it has. Received: {count}")
        good = maker.draw() < 0.5
        rule = maker.one(RULES)
        text, sure = rule(maker, good)
        text = " ".join(text.split()).replace(" ,", ",").replace(" .", ".").replace(" ?", "?").replace(" !", "!")
        found.setdefault(text, (sure if good else 1 - sure, rule.__name__.strip("_")))
    return [(text, *rest) for text, rest in found.items()]


class Maker:
    """Draws words; every method that takes `good` gives praise for True and blame for False."""

    def __init__(self, draw):
        self.draw = draw

    def one(self, items):
        return items[int(self.draw() * len(items))]

    def maybe(self, text, share=0.4):
        return text if self.draw() < share else ""

    def adj(self, good):
        return self.one(PRAISING if good else BLAMING)

    def np(self, good):
        noun = self.one(GOOD_NP if good else BAD_NP)
        if self.draw() < 0.4:
            noun = f"{self.adj(good)} {self.one(THING)}"
        return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"

    def thing(self):
        return f"{self.one(('the', 'the', 'this', 'their', 'his', 'her', 'our new', 'that', 'the whole'))} {self.one(THING)}"

    def it(self):
        return self.one(("it", "this", "that", self.thing(), self.thing(), self.thing()))

    def more(self):
        return self.maybe(self.one(MORE), 0.3)

    def aside(self, share=0.35):
        return self.maybe(f", {self.one(ASIDE)},", share)

    def plain(self, good, subject=None):
        """A plain clause."""
        s = subject or self.it()
        return self.one(
            (
                f"{s} {self.be()} {self.more()} {self.adj(good)}",
                f"{s} {self.be()} {self.more()} {self.adj(good)}",
                f"{s} {self.be()} {self.np(good)}",
                f"{s} {self.one(GOOD_VP if good else BAD_VP)}",
                f"i {self.maybe('really', 0.2)} {self.one(LIKED if good else DISLIKED)} {s}",
                f"{s} {self.be()} {self.adj(good)} and {self.adj(good)}",
            )
        )

    def be(self):
        return self.one(("is", "was", "is", "was", "seems", "felt", "looks", "has been"))

    def negated(self, good):
        """A clause whose polar words say the opposite of what it means."""
        s, a, bad = self.it(), self.adj(not good), not good
        verb = self.one(BAD_V if good else GOOD_V)
        return self.one(
            (
                f"{s} {self.one(('is', 'was'))} {self.one(('not', 'not', 'never'))} {self.aside(0.2)} {self.more()} {a}",
                f"{s} {self.one(ISNT)} {self.more()} {a}",
                f"{s} {self.one(ISNT)} {self.np(bad)}",
                f"{s} {self.one(DIDNT)} {verb}",
                f"{s} {self.one(DIDNT)} {self.aside(0.2)} {verb} {self.maybe('at all')}",
                f"{s} never {self.one(('seemed', 'felt', 'became', 'turned', 'was', 'got'))} {a}",
                f"i {self.one(('do not', 'did not', 'never', 'could not', 'cannot'))} {self.one(DISLIKE if good else LIKE)} {s}",
                f"not {self.more()} {a} {self.maybe('at all')}",
                f"not {self.np(bad)}",
                f"no {a} {self.one(THING)} {self.one(('here', 'in sight', 'to be found', 'this time', ''))}",
                f"{s} has no {a} {self.one(THING)}",
                f"{s} {self.one(('is', 'was'))} in no way {a}",
                f"{s} {self.one(('is', 'was'))} neither {a} nor {self.adj(bad)}",
                f"{s} {self.one(('isnt', 'wasnt'))} {a}",
            )
        )


def _stated(m, good):
    return m.plain(good), 0.97


def _stated_of_something(m, good):
    filler = m.one(FILLER)
    return m.one((f"{filler} . {m.plain(good)}", f"{m.plain(good)} . {filler}")), 0.97


def _negated(m, good):
    return m.negated(good), 0.85 if good else 0.95


def _negated_and_said(m, good):
    """What is denied, then what is true instead."""
    s = m.thing()
    return m.one(
        (
            f"{s} is not {m.adj(not good)} but {m.adj(good)}",
            f"{m.negated(good)} . {m.plain(good)}",
            f"not {m.adj(not good)} , {m.adj(good)} !",
            f"{m.np(good)} , not {m.np(not good)}",
            f"{s} turned out {m.adj(good)} rather than {m.adj(not good)}",
            f"{s} felt {m.adj(good)} instead of {m.adj(not good)}",
        )
    ), 0.96


def _far(m, good):
    """The negation stands many words before what it denies."""
    bad, s = not good, m.thing()
    inner = m.plain(bad, s)
    whom = m.one(("anybody", "my family", "a single person", "the people at our table", "any of the guests", "one visitor"))
    return m.one(
        (
            f"i {m.one(('do not', 'did not', 'cannot', 'never'))} {m.one(BELIEVE)} {m.aside()} that {inner}",
            f"i never got the impression {m.aside()} that {inner}",
            f"there was not a minute {m.aside()} when {s} {m.one(('was', 'felt', 'seemed'))} {m.adj(bad)}",
            f"i am not saying {m.aside()} that {inner}",
            f"it is not true {m.aside()} that {inner}",
            f"it would be a lie to claim {m.aside()} that {inner}",
            f"i have yet to meet {whom} who thinks that {inner}",
            f"we did not hear {whom} say {m.aside()} that {inner}",
            f"not one {m.one(THING)} {m.aside()} was {m.more()} {m.adj(bad)}",
            f"none of the {m.one(THING)}s {m.aside()} {m.one(('was', 'were'))} {m.more()} {m.adj(bad)}",
            f"neither the {m.one(THING)} nor the {m.one(THING)} {m.one(('was', 'is', 'seemed'))} {m.adj(bad)}",
            f"nobody could claim {m.aside()} that {inner}",
            f"no {m.one(THING)} {m.aside()} {m.one(('was', 'is', 'seemed', 'felt'))} {m.adj(bad)}",
            f"i would hesitate to call {s} {m.np(bad)}",
            f"you cannot call {s} {m.aside()} {m.more()} {m.adj(bad)}",
            f"do not tell me {m.aside()} that {inner}",
            f"i refuse to believe {m.aside()} that {inner}",
            f"hardly {whom} {m.aside()} found {s} {m.adj(bad)}",
            f"few would argue {m.aside()} that {inner}",
        )
    ), 0.9


def _lack(m, good):
    s, bad = m.thing(), not good
    np = m.np(bad).partition(" ")[2]
    return m.one(
        (
            f"there is nothing {m.adj(bad)} {m.one(('about', 'in', 'to be said of'))} {s}",
            f"nothing {m.aside(0.2)} {m.one(('was', 'felt', 'seemed', 'looked'))} {m.adj(bad)}",
            f"{s} has nothing {m.adj(bad)}",
            f"{s} lacks any {np}" if not good else f"{s} is free of {m.adj(bad)} moments",
            f"without one {m.adj(bad)} {m.one(THING)}",
            f"without being {m.adj(bad)} , {m.plain(good, s)}",
            f"{s} gets by without anything {m.adj(bad)}",
            f"no {np} , no {m.np(bad).partition(' ')[2]}",
            f"nobody {m.one(DISLIKED if good else LIKED)} {s}",
            f"nothing {m.one(('went wrong', 'broke', 'got on my nerves', 'hurt') if good else DONE_WELL)}",
            f"there was no {m.one(TROUBLE if good else MERIT)} {m.one(('with', 'in', 'to'))} {s}",
            f"i saw no {m.one(TROUBLE if good else MERIT)} {m.aside(0.2)} in {s}",
        )
    ), 0.9


def _doubled(m, good):
    s = m.thing()
    return m.one(
        (
            f"it is not that {m.negated(not good)}",
            f"i do not {m.one(BELIEVE)} that {m.negated(not good)}",
            f"{s} {m.one(('is', 'was'))} not without its {m.one(TROUBLES if not good else MERITS)}",
            f"it is not true that {m.negated(not good)}",
            f"nobody can claim that {m.negated(not good)}",
            f"one cannot help {m.one(('liking', 'loving', 'enjoying') if good else ('hating', 'disliking', 'laughing at'))} {s}",
            f"i never said that {m.negated(not good)}",
            f"it is impossible to {m.one(DISLIKE if good else LIKE)} {s}",
            f"{s} never fails to {m.one(('please', 'amuse', 'impress') if good else ('annoy', 'bore', 'irritate'))}",
        )
    ), 0.85


def _turn(m, good):
    s, bad = m.thing(), not good
    first, last = m.plain(bad, s), m.plain(good, m.one(("it", "it", m.thing())))
    gap = m.maybe(f". {m.one(FILLER)} {m.maybe('. ' + m.one(FILLER))}", 0.35)
    time = m.one(EARLY)
    return m.one(
        (
            f"{time} {first} {gap} , {m.one(LATE)} {last}",
            f"{time} {first} {gap} . {m.one(LATE)} {last}",
            f"{s} {m.one(('opened', 'set out', 'got going'))} {m.adj(bad)} and {m.one(CLOSED)} {m.adj(good)}",
            f"{m.adj(bad)} {time} , {m.adj(good)} {m.one(LATE)}",
            f"{s} went from {m.adj(bad)} to {m.adj(good)}",
            f"{first} {time} {gap} , {m.one(LATE)} it {m.one(('got', 'became', 'turned', 'was', 'grew'))} {m.adj(good)}",
            f"i {m.one(DISLIKED if good else LIKED)} {s} {time} and {m.one(LIKED if good else DISLIKED)} it {m.one(LATE)}",
        )
    ), 0.93


def _but(m, good):
    bad = not good
    side = m.one((m.plain(bad), m.plain(bad), m.negated(bad), f"{m.adj(bad)} {m.one(THING)}", m.adj(bad)))
    main = m.one((m.plain(good), m.plain(good), m.negated(good), f"{m.more()} {m.adj(good)}", m.np(good)))
    return f"{side} {m.one(('but', 'but', 'yet', 'however', 'but still', 'all the same'))} {main}", 0.88


def _conceded(m, good):
    side, main, word = m.plain(not good), m.plain(good), m.one(THOUGH)
    s = m.thing()
    return m.one(
        (
            f"{word} {side} , {main}",
            f"{main} , {word} {side}",
            f"{m.one(('despite', 'in spite of'))} {m.np(not good)} of a {m.one(THING)} , {main}",
            f"{main} {m.one(('despite', 'in spite of'))} {m.adj(not good)} {m.one(THING)}s",
            f"{s} may be {m.adj(not good)} , {main} all the same",
            f"i admit that {side} , and still {main}",
            f"{side} . that does not change that {main}",
        )
    ), 0.9


def _compared(m, good):
    s, other = m.thing(), m.thing()
    better = m.one(BETTER if good else WORSE)
    return m.one(
        (
            f"{s} is {m.more()} {better} than {other}",
            f"{better} than {m.one(('i thought', 'before', 'most', 'what we had at home', 'any other', 'anything else'))}",
            f"{s} {m.one(('cannot', 'can hardly', 'could hardly'))} get any {better}",
            f"i {m.one(('never had', 'have never seen', 'do not know'))} a {better} {m.one(THING)}",
            f"there has never been a {better} {m.one(THING)}",
            f"no {m.one(THING)} {m.one(('was', 'is'))} ever {better}",
            f"{s} {m.one(OUTSHINES if good else OUTSHONE)} {other}",
            f"{s} is not as {m.adj(not good)} as {m.one(('others', 'they claim', 'the last', 'its rival'))}",
            f"{s} is less {m.adj(not good)} and more {m.adj(good)} than {other}",
            f"{m.one(('the best', 'the finest', 'the nicest') if good else ('the worst', 'the poorest', 'the ugliest'))} "
            f"{m.one(THING)} {m.one(('so far', 'in years', 'of them all', 'i know'))}",
            f"nothing is {better} than {s}",
        )
    ), 0.93


def _formerly(m, good):
    s, bad = m.thing(), not good
    past, now = m.one(PAST), m.one(NOW)
    return m.one(
        (
            f"{s} used to be {m.more()} {m.adj(bad)} {m.maybe(past)} {m.maybe(',')} {now} it is {m.adj(good)}",
            f"{past} {s} used to be {m.np(bad)} {m.one(('.', ',', 'but', 'and'))} {now} {m.plain(good, 'it')}",
            f"i used to {m.one(DISLIKE if good else LIKE)} {s} {m.one((',', 'but', '.'))} {now} i "
            + f"{m.one(LIKE if good else DISLIKE)} it",
            f"we used to be {m.one(GLAD if bad else SORRY)} with {s} , {now} we are {m.one(GLAD if good else SORRY)}",
            f"{s} was {m.adj(bad)} {past} , {now} {m.adj(good)}",
            f"{s} {m.one(('is', 'was'))} not {m.adj(bad)} any {m.one(('longer', 'more'))}",
            f"{s} is no longer {m.more()} {m.adj(bad)}",
            f"{s} has {m.one(('stopped', 'quit'))} being {m.adj(bad)}",
            f"{s} used to be {m.more()} {m.adj(bad)}",
            f"i {m.one(('stopped', 'quit', 'gave up'))} {m.one(('hating', 'disliking') if good else ('liking', 'loving'))} {s}",
            f"{now} {m.plain(good, s)} , {past} it was {m.adj(bad)}",
        )
    ), 0.9


def _others(m, good):
    """What others think is not what the writer thinks."""
    s, bad, who = m.thing(), not good, m.one(WHO)
    theirs, mine = m.plain(bad, s), m.one((m.plain(good, "it"), m.negated(good), m.plain(good, s)))
    me = m.one(
        ("i find that", "in my view", "i would say", "as for me ,", "i for one think", "if you ask me", "to my mind", "i thought")
    )
    return m.one(
        (
            f"{who} {m.one(SAID)} that {theirs} {m.one((',', '. ', 'but', ', yet'))} {me} {mine}",
            f"{who} {m.one(DISLIKED if good else LIKED)} {s} {m.one((',', '. ', 'but', ', yet'))} {me} {mine}",
            f"{who} {m.one(DISLIKED if good else LIKED)} {s} , i {m.one(('did not', 'never did', 'do not'))}",
            f"{me} {mine} , {m.one(('whatever', 'no matter what', 'even if'))} {who} {m.one(SAID)}",
            f"{who} {m.one(SAID)} that {theirs} . {m.one(('wrong !', 'nonsense !', 'i disagree', 'not so', 'that is not true'))}",
            f"{m.one(('unlike', 'in contrast to'))} {who} , i {m.one(LIKED if good else DISLIKED)} {s}",
            f"i cannot agree with {who} that {theirs}",
            f"{who} {m.one(SAID)} that {m.plain(good, s)} {m.one(AGREED)}",
            f"{who} {m.one(DISLIKED if good else LIKED)} {s} . {m.one(('not me', 'i am not among them', 'we felt otherwise'))}",
        )
    ), 0.92


def _awaited(m, good):
    s, bad = m.thing(), not good
    hoped = m.one(HOPED)
    return m.one(
        (
            f"i {hoped} {s} to be {m.adj(bad)} , {m.one(('instead', 'in fact', 'yet'))} {m.plain(good, 'it')}",
            f"i {m.one(('assumed', 'figured', 'supposed', 'imagined', 'thought'))} {m.plain(bad, s)} , but it {m.one(WAS_NOT)}",
            f"{s} was supposed to be {m.adj(bad)} {m.one(('but', 'and yet', ','))} {m.plain(good, 'it')}",
            f"we were {m.one(AFRAID if good else EAGER)} , but {m.plain(good, s)}",
            f"i {hoped} {m.np(bad)} and {m.one(('found', 'saw', 'received', 'ended up with'))} {m.np(good)}",
            f"{s} was not {m.more()} {m.adj(bad)} as i {m.one(('assumed', 'figured', 'had been told'))}",
            f"contrary to what i {m.one(('assumed', 'figured', 'read'))} , {m.plain(good, s)}",
            f"{s} could have been {m.adj(bad)} . {m.one(LUCKILY if good else SADLY)} it {m.one(WAS_NOT)}",
        )
    ), 0.92


def _supposed(m, good):
    s = m.thing()
    if good:
        return m.one(
            (
                f"i would gladly {m.one(('see', 'buy', 'book', 'take', 'choose'))} {s} once more",
                f"if you can get {s} , do so",
                f"whoever {m.one(('tries', 'sees', 'buys'))} {s} will be {m.one(GLAD)}",
                f"i wish {s} had lasted longer",
                f"you should not miss {s}",
                f"had i missed {s} , i would be {m.one(SORRY)}",
                f"i would not trade {s} for another",
                f"if {s} were {m.adj(False)} i would not be back for more",
                f"do not hesitate to {m.one(('get', 'try', 'buy', 'see'))} {s}",
            )
        ), 0.95
    return m.one(
        (
            f"i would not {m.one(('see', 'buy', 'book', 'take', 'choose'))} {s} once more",
            f"if you can avoid {s} , do so",
            f"whoever {m.one(('tries', 'sees', 'buys'))} {s} will be {m.one(SORRY)}",
            f"i wish {s} had ended sooner",
            f"you should not waste your time on {s}",
            f"had i skipped {s} , i would be {m.one(GLAD)}",
            f"i would trade {s} for any other",
            f"{s} {m.one(('might', 'could', 'would'))} be {m.adj(True)} if {m.one(HAD_THEY)}",
            f"{s} {m.one(('should', 'could', 'would'))} have been {m.adj(True)}",
            f"if {m.one(('only', 'just'))} {s} were {m.adj(True)}",
            f"{s} would be {m.more()} {m.adj(True)} with a better {m.one(THING)}",
            f"think twice before you {m.one(('get', 'try', 'buy', 'see'))} {s}",
        )
    ), 0.93


def _asked(m, good):
    s, bad = m.thing(), not good
    yes, no = m.one(YES), m.one(NO)
    verb = m.one(("do i think", "would i say", "can one say", "do we feel", "does it mean", "is it true"))
    return m.one(
        (
            f"{verb} that {m.plain(good, s)} ? {yes}",
            f"{verb} that {m.plain(bad, s)} ? {no}",
            f"{m.one(('is', 'was'))} {s} {m.more()} {m.adj(good)} ? {yes}",
            f"{m.one(('is', 'was'))} {s} {m.more()} {m.adj(bad)} ? {no}",
            f"{m.one(('do', 'did'))} we {m.one(LIKE if good else DISLIKE)} {s} ? {yes}",
            f"{m.one(('do', 'did'))} we {m.one(DISLIKE if good else LIKE)} {s} ? {no}",
            f"{m.adj(bad)} ? {no}",
            f"{m.adj(good)} ? {yes}",
            f"{no} , {m.plain(good, s)}",
            f"will you be {m.one(GLAD if good else SORRY)} with {s} ? {yes}",
            f"will you be {m.one(SORRY if good else GLAD)} with {s} ? {no}",
        )
    ), 0.93


def _degree(m, good):
    s, bad = m.thing(), not good
    return m.one(
        (
            f"{s} {m.one(('is', 'was'))} {m.one(('hardly', 'scarcely', 'barely', 'rarely', 'seldom'))} {m.adj(bad)}",
            f"{s} {m.one(('is', 'was'))} {m.one(FAR_FROM)} {m.adj(bad)}",
            f"{s} {m.one(('is', 'was'))} {m.one(NOT_AT_ALL)} {m.adj(bad)}"
            if not good
            else f"{s} {m.one(('is', 'was'))} {m.one(IN_NO_WAY)} {m.adj(bad)}",
            f"{s} is {m.one(('too', 'far too', 'way too'))} {m.one(MEASURES)}" if bad else f"{s} could not be more {m.adj(True)}",
            f"{s} is not {m.adj(True)} enough" if bad else f"{s} is {m.adj(True)} enough for me",
            f"{s} is {m.one(('nothing but', 'nothing less than', 'no less than'))} {m.np(good)}",
            f"{s} is {m.one(('only', 'just', 'merely'))} {m.np(good)}",
            f"{s} is not only {m.adj(good)} but {m.adj(good)} too",
            f"{s} isn't just {m.adj(good)} , {m.plain(good, 'it')}",
        )
    ), 0.92


def _nothing_said(m, good):
    """No verdict at all."""
    return m.one(
        (
            m.one(FILLER),
            f"{m.one(FILLER)} . {m.one(FILLER)}",
            f"{m.thing()} {m.one(('is', 'was'))} {m.one(BLANK)}",
            f"we {m.one(('saw', 'bought', 'used', 'passed', 'found', 'read'))} {m.thing()} {m.one(PAST)}",
            f"{m.thing()} and {m.thing()}",
            f"{m.one(THING)}",
            f"have you {m.one(('tried', 'read', 'used'))} {m.thing()} ?",
            m.one(FILLER) + " , " + m.one(PAST),
        )
    ), 0.5


RULES = (
    _stated,
    _stated,
    _stated_of_something,
    _negated,
    _negated,
    _negated,
    _negated_and_said,
    _far,
    _far,
    _far,
    _far,
    _lack,
    _lack,
    _doubled,
    _turn,
    _turn,
    _but,
    _but,
    _conceded,
    _conceded,
    _compared,
    _compared,
    _formerly,
    _formerly,
    _others,
    _others,
    _awaited,
    _awaited,
    _supposed,
    _asked,
    _asked,
    _degree,
    _degree,
    _nothing_said,
)
