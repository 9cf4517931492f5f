/* An extension module of somebody's own: what ci/extension.sh compiles against a package that loads such files. */
#include <Python.h>

static PyObject *twice(PyObject *module, PyObject *argument)
{
    return PyNumber_Add(argument, argument);
}

/* Calls back into Python, through a pointer that comes from the other side. */
static PyObject *apply(PyObject *module, PyObject *arguments)
{
    PyObject *function, *argument;
    if (!PyArg_ParseTuple(arguments, "OO:apply", &function, &argument)) {
        return NULL;
    }
    return PyObject_CallOneArg(function, argument);
}

static PyMethodDef methods[] = {
    {"twice", twice, METH_O, "The sum of an object and itself."},
    {"apply", apply, METH_VARARGS, "What a function gives for an argument."},
    {NULL, NULL, 0, NULL},
};

static int execute(PyObject *module)
{
    return PyModule_AddStringConstant(module, "compiled_for", PY_VERSION);
}

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, execute},
    {0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "extension", NULL, 0, methods, slots, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit_extension(void)
{
    return PyModuleDef_Init(&definition);
}
