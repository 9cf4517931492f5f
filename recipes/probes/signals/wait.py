"""signal.sigtimedwait()"""
import signal
import time

signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
began = time.monotonic()
assert signal.sigtimedwait({signal.SIGUSR1}, 0.1) is None, "a signal that was not sent"
print(f"waited {time.monotonic() - began:.2f} s")
signal.raise_signal(signal.SIGUSR1)
got = signal.sigtimedwait({signal.SIGUSR1}, 5)
print(got)
print("yes" if got.si_signo == signal.SIGUSR1 else f"no: got {got}")
