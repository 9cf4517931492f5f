import pluggy

spec, impl = pluggy.HookspecMarker("a"), pluggy.HookimplMarker("a")


class Spec:
    @spec
    def add(self, x): ...


class Plugin:
    @impl
    def add(self, x):
        return x + 1


manager = pluggy.PluginManager("a")
manager.add_hookspecs(Spec)
manager.register(Plugin())
assert manager.hook.add(x=1) == [2]
print("yes")
