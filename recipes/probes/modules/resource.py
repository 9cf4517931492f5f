"""resource: limits and use of the process"""
import resource

usage = resource.getrusage(resource.RUSAGE_SELF)
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
print(usage)
print("open files:", soft, hard)
resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == 64, "the limit was not set"
print("yes" if usage.ru_maxrss > 0 else "partly: ru_maxrss is 0")
