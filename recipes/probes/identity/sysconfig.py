"""sysconfig: paths and the variables of the build"""
import sysconfig

paths = sysconfig.get_paths()
variables = sysconfig.get_config_vars()
print("stdlib:", paths["stdlib"], "variables:", len(variables), "HOST_GNU_TYPE:", variables.get("HOST_GNU_TYPE"))
# Without the file of the build there are about 20 variables, which sysconfig makes itself.
print("yes" if variables.get("CONFIG_ARGS") is not None else f"no: only {len(variables)} variables, without those of the build")
