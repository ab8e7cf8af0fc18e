"""The digits in phones, as people say them whose first language is another: what flite says in place of its own lexicon's.

Phones are those of CMUdict in lower case. Each line has common ways: th as t, s, f or d; w as v; v as f at an end; s and z for
each other; long and short vowels alike; r dropped.
"""

PHONES = {
    "zero": ("z ih r ow", "z iy r ow", "z iy r aa", "s ih r ow"),
    "one": ("w ah n", "w aa n", "v ah n", "w ao n"),
    "two": ("t uw", "t uh"),
    "three": ("th r iy", "t r iy", "s r iy", "f r iy", "d r iy"),
    "four": ("f ao r", "f ao", "f ow r"),
    "five": ("f ay v", "f ay f", "f aa y v"),
    "six": ("s ih k s", "s iy k s", "z ih k s"),
    "seven": ("s eh v ax n", "s eh v eh n", "s eh f ax n", "z eh v ax n"),
    "eight": ("ey t", "eh t", "ey"),
    "nine": ("n ay n", "n aa y n", "n ay n ax"),
}
