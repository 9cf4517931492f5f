"""sys.monitoring: events of calls and lines"""
import sys

TOOL = sys.monitoring.PROFILER_ID
events = sys.monitoring.events
seen = []


def work():
    value = 1
    return value


sys.monitoring.use_tool_id(TOOL, "probe")
sys.monitoring.register_callback(TOOL, events.PY_START, lambda code, offset: seen.append(code.co_name))
sys.monitoring.register_callback(TOOL, events.LINE, lambda code, line: seen.append(line))
sys.monitoring.set_local_events(TOOL, work.__code__, events.PY_START | events.LINE)
work()
sys.monitoring.free_tool_id(TOOL)
print("events:", seen)
start = work.__code__.co_firstlineno
print("yes" if seen == ["work", start + 1, start + 2] else f"no: the events are {seen}")
