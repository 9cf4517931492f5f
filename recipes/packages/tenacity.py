import tenacity

calls = []


@tenacity.retry(stop=tenacity.stop_after_attempt(3))
def flaky():
    calls.append(1)
    if len(calls) < 3:
        raise OSError
    return "done"


assert flaky() == "done"
print("yes")
