/* A program with a Python inside: what ci/embed.sh links against the package's libpython. */
#include <Python.h>

int main(void)
{
    PyStatus status;
    PyConfig config;
    PyConfig_InitPythonConfig(&config);
    status = PyConfig_SetBytesString(&config, &config.home, "/usr/local");
    if (!PyStatus_Exception(status)) {
        status = Py_InitializeFromConfig(&config);
    }
    PyConfig_Clear(&config);
    if (PyStatus_Exception(status)) {
        Py_ExitStatusException(status);
    }
    int failed = PyRun_SimpleString("import json, sys; print(json.dumps({'embedded': sys.platform}))");
    return Py_FinalizeEx() < 0 || failed;
}
