# Where Emscripten finds what it calls. It is Python, read by every emcc; EM_CONFIG names this file.
import os
import shutil

root = os.path.dirname(os.environ['EM_CONFIG'])
LLVM_ROOT = root + '/bin'
BINARYEN_ROOT = root + '/binaryen'
NODE_JS = shutil.which('node')
# The package has Emscripten's own libraries compiled. Nothing is compiled or downloaded when a program is linked.
FROZEN_CACHE = True
