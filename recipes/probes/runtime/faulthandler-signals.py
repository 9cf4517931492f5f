"""faulthandler.enable() and register()"""
import faulthandler
import signal

with open("file", "w+") as file:
    faulthandler.enable(file)
    assert faulthandler.is_enabled(), "enable() has no effect"
    faulthandler.register(signal.SIGUSR1, file)
    signal.raise_signal(signal.SIGUSR1)
    faulthandler.unregister(signal.SIGUSR1)
    faulthandler.disable()
    file.seek(0)
    text = file.read()
print(text)
print("yes" if "most recent call first" in text else "no: the signal wrote nothing")
