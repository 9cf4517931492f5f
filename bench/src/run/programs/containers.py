# The interpreter's own loop: dictionaries, lists, strings, calls and attributes.


class Counter:
    def __init__(self):
        self.words = {}

    def add(self, word):
        self.words[word] = self.words.get(word, 0) + 1


def words(count):
    state = 1
    for _ in range(count):
        state = (state * 1103515245 + 12345) % 2147483648
        yield "w" + str(state >> 20)


def work():
    counter = Counter()
    for word in words(100_000):
        counter.add(word)
    ordered = sorted(counter.words.items(), key=lambda item: (-item[1], item[0]))
    lines = [f"{word}: {count}" for word, count in ordered]
    lengths = [len(line) for line in lines if not line.endswith("7")]
    return f"{len(ordered)} {sum(lengths)} {lines[0]}"
