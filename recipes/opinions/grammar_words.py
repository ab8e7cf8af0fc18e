"""The words and turns of phrase of `recipes.opinions.grammar`, by what they are said for."""


def _listed(text):
    return text.replace("\n", "").split("|")


GOOD = """good great excellent wonderful fantastic superb lovely beautiful brilliant amazing delightful enjoyable charming
impressive pleasant clever funny fresh exciting interesting entertaining engaging fun comfortable reliable helpful friendly
tasty delicious perfect outstanding terrific memorable touching moving sharp solid smart sweet warm nice fine decent well made
convincing believable fair generous gorgeous elegant fascinating thrilling inspiring satisfying witty hilarious useful easy to use
bright clean quick quiet worthwhile well done spotless polite attentive remarkable splendid marvellous refreshing""".replace(
    "\n", " "
)
BAD = """bad awful terrible horrible dreadful poor dull boring stupid silly lame weak ugly disappointing annoying tedious
predictable bland tasteless cold stale dirty rude slow noisy cheap useless broken unreliable uncomfortable painful ridiculous
pointless forgettable flat clumsy confusing messy lazy sloppy pathetic irritating unpleasant unfunny disgusting mediocre
overpriced frustrating depressing pretentious shallow lifeless unconvincing worthless unfair filthy tiresome dated greasy
inferior defective shoddy wooden repulsive laughable hard to use badly made lousy horrid mean""".replace("\n", " ")
_PHRASES = ("well made", "easy to use", "well done", "hard to use", "badly made")
THING = """film movie story plot acting script ending cast humour music picture direction dialogue book novel series episode
concert album game play restaurant food pizza soup steak coffee service hotel room bed breakfast staff waiter phone screen
camera battery sound laptop keyboard software printer car engine chair shoe jacket bag tool blender trip tour lesson course
doctor shop delivery support design quality menu dessert performance character effect scene idea show season""".split()
GOOD_NP = _listed("""\
joy|pleasure|delight|success|winner|treat|bargain|hit|gem|triumph|thing of beauty|surprise of the nicest kind|
work of art|marvel|blessing|real find|great experience|fine piece of work|good choice|wise purchase""")
BAD_NP = _listed("""\
mess|disaster|failure|waste of time|waste of money|pain|joke|insult|nightmare|flop|letdown|shame|bore|rip off|
piece of junk|bad experience|sorry affair|poor choice|total loss|big mistake""")
GOOD_VP = _listed("""\
works well|looks great|does the job nicely|delivers|pleases|makes me happy|shines|impresses|holds up well|feels right|
makes you smile|keeps its promise|tastes wonderful|runs smoothly|is worth it|has real charm""")
BAD_VP = _listed("""\
fails|falls apart|looks awful|breaks down|disappoints|makes me angry|falls flat|annoys|lets you down|feels wrong|
makes you cringe|breaks its promise|tastes horrible|runs badly|is a waste|has serious problems""")
# The same after "did not", "does not", "will not".
GOOD_V = _listed("""\
work|please me|deliver|impress us|make sense|hold my interest|help|last|taste good|feel right|make me laugh|
satisfy us|win me over|look good|improve|keep its promise|earn its price""")
BAD_V = _listed("""\
fail|annoy me|bore us|break|fall apart|bother me|go wrong|irritate me|make me angry|waste our time|let us down|
cause problems|hurt|look bad|fall flat|get on my nerves|spoil anything""")
LIKED = "liked loved enjoyed adored admired appreciated praised recommended".split()
DISLIKED = "hated disliked loathed regretted despised detested resented criticized".split()
LIKE = "like love enjoy adore admire appreciate recommend praise".split()
DISLIKE = "hate dislike loathe regret despise detest resent".split()
MORE = "really very truly so quite rather extremely incredibly particularly remarkably absolutely".split()
WHO = _listed("""\
most critics|the press|the reviewers|her mother|our neighbours|a lot of folks|the guy next to me|the fans|his boss|
the majority|certain people|a friend of ours|the salesman|my parents|the experts|two of my colleagues""")
FILLER = _listed("""\
we went there with my parents|it was a monday|the weather was mild|i had read about it somewhere|
there were four of us|we came by bus|it runs for about two hours|he ordered it online|it is painted green|
the street was full of cars|i paid by card|it came in a small box|she lives in the next town|
the tickets were sold at the door""")
ASIDE = _listed("""\
after all that time|with so many people around|in the end|for once|as far as i can tell|in our case|on the whole|
during the entire week|from beginning to end|even with the newest version|in all honesty|to this day|no matter the day""")
PRAISING, BLAMING = ([w for w in words.split() if w not in " ".join(_PHRASES).split()] for words in (GOOD, BAD))
# What people say most.
PRAISING += [
    "well made",
    "easy to use",
    "well done",
    "useful",
    *4 * ("good", "great", "nice", "funny", "interesting", "good", "fun"),
]
BLAMING += ["hard to use", "badly made", "mean", *4 * ("bad", "boring", "awful", "terrible", "stupid", "bad", "poor")]
BELIEVE = "think believe feel find say suppose agree".split()
ISNT = ("isn't", "wasn't", "aren't", "weren't", "hasn't been", "won't be")
DIDNT = ("does not", "did not", "will not", "doesn't", "didn't", "won't", "never did")
DONE_WELL = ("worked", "went right", "pleased us", "made sense", "tasted right")
TROUBLE = "trouble fault mistake flaw problem error defect weakness complaint".split()
MERIT = "joy merit charm value sense fun benefit improvement point".split()
TROUBLES, MERITS = "faults problems flaws weaknesses".split(), "merits charms virtues joys".split()
NOT_AT_ALL = ("anything but", "not even", "not in the least", "by no means", "less than")
IN_NO_WAY = ("anything but", "not in the least", "by no means", "never once")
FAR_FROM = ("far from", "a long way from", "nowhere near", "the opposite of")
MEASURES = "long loud short small expensive salty slow dark".split()
OUTSHONE, OUTSHINES = ("pales beside", "loses to", "lags behind"), ("outshines", "surpasses", "tops")
AGREED = ("and i agree", "and they are right", ". true !", ", so do i")
LUCKILY, SADLY, HAD_THEY = ("luckily", "in truth"), ("sadly", "in truth"), ("they tried", "it worked", "somebody cared")
EARLY = (
    "in the first minutes",
    "in the first week",
    "early on",
    "for the first half",
    "to begin with",
    "initially",
    "on the first day",
    "when i got it",
    "at the outset",
)
LATE = (
    "later on",
    "in the last part",
    "after that",
    "eventually",
    "in the end",
    "as time went on",
    "towards the close",
    "afterwards",
    "finally",
    "by the time we left",
)
CLOSED = ("ended up", "finished", "wound up", "became")
THOUGH = ("although", "even though", "though", "while", "even if", "granted that")
BETTER = "better nicer finer funnier smarter tastier cleaner sharper stronger happier".split()
WORSE = "worse uglier poorer duller weaker dirtier nastier lazier sillier clumsier".split()
PAST = (
    "last year",
    "a decade ago",
    "in the past",
    "when i was young",
    "some time ago",
    "earlier",
    "under the old owner",
    "before the change",
    "back then",
    "in march",
)
NOW = ("now", "nowadays", "at present", "by now", "since the change", "lately", "this year", "currently", "but now")
GLAD = "glad happy pleased delighted satisfied thrilled".split()
SORRY = "sorry unhappy displeased angry disappointed upset".split()
SAID = "said claimed wrote insisted maintained swore".split()
HOPED = ("expected", "wanted", "anticipated", "predicted")
WAS_NOT = ("wasn't", "isn't", "was not", "is not", "did not", "was none of that")
AFRAID = ("afraid", "doubtful", "worried", "skeptical", "reluctant")
EAGER = ("eager", "hopeful", "excited", "curious", "full of hope")
YES = ("yes", "yes it is", "yes !", "certainly", "of course", "sure", "you bet", "definitely", "without question")
NO = ("no", "no it is not", "no !", "certainly not", "of course not", "never", "not really", "definitely not", "by no means")
BLANK = (
    "green",
    "square",
    "in the corner",
    "made in china",
    "on the left",
    "the second of its kind",
    "from paris",
    "upstairs",
    "by a man",
)
