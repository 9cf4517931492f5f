# json, whose scanner and encoder are C code.
import json

RECORDS = [
    {"id": number, "name": f"name {number}", "tags": ["a", "b", "\u00fc"], "score": number / 7, "more": {"flag": number % 2 == 0, "none": None}}
    for number in range(4000)
]


def work():
    total = 0
    for _ in range(5):
        text = json.dumps(RECORDS)
        total += len(text) + len(json.loads(text))
    return total
