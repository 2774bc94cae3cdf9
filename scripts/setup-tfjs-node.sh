#!/usr/bin/env bash
# Makes @tensorflow/tfjs-node, which `vdmz train` needs, usable where its installer cannot download libtensorflow:
# the library and its headers come from the Python package tensorflow-cpu, and the addon is compiled here.
# Linux x86-64; needs python3 with pip, make and a C++ compiler. Running it again does no harm.
set -euo pipefail

TFJS_VERSION=4.22.0 # speaks the C API of TensorFlow 2.9 and later
TENSORFLOW_VERSION=2.15.1
NODE_GYP_VERSION=11

say() { printf 'setup-tfjs-node: %s\n' "$*" >&2; }
fail() {
  say "$*"
  exit 1
}

cd "$(dirname "$0")/.."

works() {
  # Node 24 has no util.isNullOrUndefined, which tfjs-node calls.
  TF_CPP_MIN_LOG_LEVEL=3 node -e "
    require('util').isNullOrUndefined ??= (value) => value == null;
    const tf = require('@tensorflow/tfjs-node');
    if (tf.matMul([[2]], [[3]]).dataSync()[0] !== 6) process.exit(1);
  " >/dev/null 2>&1
}

if works; then
  say 'tfjs-node works already, nothing to do'
  exit 0
fi

[ "$(uname -sm)" = 'Linux x86_64' ] || fail "this recipe is for Linux x86_64, not $(uname -sm)"
for tool in node npm python3 make c++; do
  command -v "$tool" >/dev/null || fail "$tool is missing"
done
python3 -m pip --version >/dev/null 2>&1 || fail 'pip is missing: python3 -m pip does not run'

say "installing @tensorflow/tfjs-node $TFJS_VERSION without its install script"
# --save-dev, although nothing is saved: npm does not install what package.json lists as an optional peer otherwise.
npm install --no-save --save-dev --ignore-scripts --no-audit --no-fund --loglevel=error \
  "@tensorflow/tfjs-node@$TFJS_VERSION" "node-gyp@$NODE_GYP_VERSION"

wheels=$(mktemp -d)
trap 'rm -rf "$wheels"' EXIT
say "downloading tensorflow-cpu $TENSORFLOW_VERSION (about 200 MB)"
python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --python-version 311 \
  --platform manylinux2014_x86_64 --platform manylinux_2_17_x86_64 \
  --dest "$wheels" "tensorflow-cpu==$TENSORFLOW_VERSION"

package=$PWD/node_modules/@tensorflow/tfjs-node
say 'unpacking libtensorflow and its headers'
python3 - "$wheels" "$package/deps" <<'PYTHON'
import glob, os, shutil, sys, zipfile

wheels, deps = sys.argv[1:]
LIBRARIES = ('tensorflow/libtensorflow_cc.so.2', 'tensorflow/libtensorflow_framework.so.2')
INCLUDE = 'tensorflow/include/'
# The C API, and what its headers include.
HEADERS = tuple(INCLUDE + name for name in ('tensorflow/c/', 'tensorflow/core/platform/ctstring', 'tsl/'))

with zipfile.ZipFile(glob.glob(wheels + '/*.whl')[0]) as wheel:
    for name in wheel.namelist():
        if name in LIBRARIES:
            target = os.path.join(deps, 'lib', os.path.basename(name))
        elif name.startswith(HEADERS) and not name.endswith('/'):
            target = os.path.join(deps, 'include', name[len(INCLUDE):])
        else:
            continue
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with wheel.open(name) as source, open(target, 'wb') as out:
            shutil.copyfileobj(source, out)
PYTHON

# The names that tfjs-node links to and loads.
for suffix in so so.2 so.2.9.1; do
  ln -sf libtensorflow_cc.so.2 "$package/deps/lib/libtensorflow.$suffix"
done
for suffix in so so.2.9.1; do
  ln -sf libtensorflow_framework.so.2 "$package/deps/lib/libtensorflow_framework.$suffix"
done

# Headers that came with node spare node-gyp a download.
prefix=$(node -p "require('node:path').resolve(process.execPath, '../..')")
if [ -f "$prefix/include/node/node_api.h" ]; then export npm_config_nodedir=$prefix; fi

say 'compiling the addon'
log=$wheels/build.log
if ! (PATH=$PWD/node_modules/.bin:$PATH && cd "$package" && node-pre-gyp install --build-from-source) >"$log" 2>&1; then
  tail -n 30 "$log" >&2
  fail 'compiling the addon failed, see above'
fi
works || fail 'the addon was compiled but does not load'
say 'tfjs-node works'
