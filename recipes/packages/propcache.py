from propcache import cached_property


class A:
    @cached_property
    def b(self):
        return object()


a = A()
assert a.b is a.b
print("yes")
