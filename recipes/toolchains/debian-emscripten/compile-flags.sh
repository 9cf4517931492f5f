# What emcc tells clang besides its own arguments: `emcc --cflags` prints it. Sourced by emcc and by the probes' emcc, with $root set.
system=$root/usr/share/emscripten/cache/sysroot
clang() {
    LD_LIBRARY_PATH=$root/usr/lib/x86_64-linux-gnu:$root/usr/lib/llvm-19/lib exec "$root/usr/lib/llvm-19/bin/clang" \
        -target wasm32-unknown-emscripten -fignore-exceptions -mllvm -combiner-global-alias-analysis=false \
        -mllvm -enable-emscripten-sjlj -mllvm -disable-lsr "--sysroot=$system" -DEMSCRIPTEN \
        -Werror=implicit-function-declaration -Xclang -iwithsysroot/include/fakesdl -Xclang -iwithsysroot/include/compat "$@"
}
