"""An event loop of asyncio that JavaScript turns: it never waits by itself, except for `asyncio.run`. Not for other programs."""

import asyncio
import asyncio.base_events
import asyncio.events
import time


class NoFiles:
    """Stands where a loop has the selector that it waits with: there are no sockets here to wait for."""

    waits = False

    def select(self, timeout):
        # `asyncio.run` and the like run a loop of their own, and nobody else turns that.
        if self.waits and timeout:
            time.sleep(timeout)
        return []

    def close(self):
        pass


class Loop(asyncio.base_events.BaseEventLoop):
    def __init__(self):
        super().__init__()
        self._selector = NoFiles()

    def _process_events(self, events):
        pass

    def _write_to_self(self):
        pass

    def run_forever(self):
        self._selector.waits = True
        try:
            super().run_forever()
        finally:
            self._selector.waits = False

    def turn(self):
        """Does what is due; gives the seconds until something is."""
        asyncio.events._set_running_loop(self)
        try:
            self._run_once()
        finally:
            asyncio.events._set_running_loop(None)
        if self._ready:
            return 0
        if not self._scheduled:
            return 3600
        return max(0, self._scheduled[0]._when - self.time())


class Policy(asyncio.events.BaseDefaultEventLoopPolicy):
    _loop_factory = Loop


def install():
    asyncio.set_event_loop_policy(Policy())
    loop = Loop()
    asyncio.set_event_loop(loop)
    return loop
