"""syslog: masks of the system log"""
import syslog

# Nothing is written to the log of the machine.
before = syslog.setlogmask(syslog.LOG_UPTO(syslog.LOG_ERR))
after = syslog.setlogmask(before)
print(f"masks: {before:#x} {after:#x}")
print("yes" if after == syslog.LOG_UPTO(syslog.LOG_ERR) else f"no: the mask is {after:#x}")
