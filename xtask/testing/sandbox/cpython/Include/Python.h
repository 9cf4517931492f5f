#define Py_PYTHON_H
