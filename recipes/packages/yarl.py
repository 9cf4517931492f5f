import yarl

assert (yarl.URL("https://example.invalid/a") / "b").human_repr() == "https://example.invalid/a/b"
print("yes")
