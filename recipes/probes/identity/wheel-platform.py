"""sysconfig.get_platform(), which the tags of wheels are made from"""
import sysconfig

print("SOABI:", sysconfig.get_config_var("SOABI"), "EXT_SUFFIX:", sysconfig.get_config_var("EXT_SUFFIX"))
print(f"yes: {sysconfig.get_platform()}")
