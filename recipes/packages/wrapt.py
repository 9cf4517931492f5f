import wrapt


@wrapt.decorator
def twice(wrapped, instance, args, kwargs):
    return wrapped(*args, **kwargs) * 2


@twice
def f(a):
    return a


assert f(4) == 8
print("yes")
