# shellcheck shell=bash
# Configuring and building a preset. Sourced after ui.sh.

# A second checkout of the same sources, wherever it lies, compiles nothing anew.
export CCACHE_BASEDIR=$ROOT CCACHE_NOHASHDIR=1

# How many compilers at once: one a core, but each may need 1.5 GiB (RocksDB and Cap'n Proto
# headers in one file under sanitizers), and a machine that swaps builds nothing.
buildJobs() {
  local cores gib
  cores=$(nproc)
  gib=$(awk '/^MemAvailable:/ { printf "%d", $2 / 1572864 }' /proc/meminfo)
  if ((gib < 1)); then gib=1; fi
  echo $((cores < gib ? cores : gib))
}

# configurePreset PRESET: makes build/PRESET when it is not there. Once there, the build itself
# notices changed CMake files.
configurePreset() {
  local preset=$1 dir=$ROOT/build/$1
  if [[ -f $dir/build.ninja ]]; then return 0; fi
  mkdir -p "$dir"
  if ! runLogged "$dir/scripts.log" cmake -S "$ROOT" --preset "$preset"; then
    rm -f "$dir/build.ninja"
    say "${RED}Configuring '$preset' failed:${PLAIN}"
    tail -n 40 "$dir/scripts.log"
    return 1
  fi
}

# buildPreset PRESET TARGET...: the named targets of a preset, configured first when needed.
# Quiet when all goes well; on failure prints the compiler's words and returns 1.
buildPreset() {
  local preset=$1 dir=$ROOT/build/$1
  shift
  configurePreset "$preset" || return 1
  if ! runLogged "$dir/scripts.log" \
    cmake --build "$dir" --parallel "$(buildJobs)" --target "$@"; then
    say "${RED}Building '$preset' failed:${PLAIN}"
    grep -E -A 12 'error:|FAILED:|undefined|CMake Error|ninja: error' "$dir/scripts.log" |
      head -n 120 || tail -n 40 "$dir/scripts.log"
    say "The whole log is in build/$preset/scripts.log."
    return 1
  fi
}

# testNames PRESET [ctest selection...]: names of test programs, one a line. Each is its own target.
testNames() {
  local preset=$1
  shift
  ctest --test-dir "$ROOT/build/$preset" --show-only=json-v1 "$@" |
    python3 -c 'import json, sys; print(*(t["name"] for t in json.load(sys.stdin)["tests"]), sep="\n")'
}
