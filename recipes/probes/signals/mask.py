"""signal.pthread_sigmask(): hold a signal back, and sigpending()"""
import signal

seen = []
signal.signal(signal.SIGUSR1, lambda number, frame: seen.append(number))
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
signal.raise_signal(signal.SIGUSR1)
assert not seen, "the signal was not held"
assert signal.SIGUSR1 in signal.sigpending(), "the signal is not pending"
signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGUSR1})
print("seen:", seen)
print("yes" if seen else "no: the signal was lost")
