# shellcheck shell=bash
# Configuring and building a preset. Sourced after ui.sh.

# How many compilers at once: one a core, but each may need 1.5 GiB (RocksDB and Cap'n Proto
# headers in one file under sanitizers), and a machine that swaps builds nothing.
buildJobs() {
  local cores gib
  cores=$(nproc)
  gib=$(awk '/^MemAvailable:/ { printf "%d", $2 / 1572864 }' /proc/meminfo)
  if ((gib < 1)); then gib=1; fi
  echo $((cores < gib ? cores : gib))
}

# buildPreset PRESET TARGET...: the named targets of a preset, configured first when needed.
# Quiet when all goes well; on failure prints the compiler's words and returns 1.
buildPreset() {
  local preset=$1 dir=$ROOT/build/$1 log
  shift
  mkdir -p "$dir"
  log=$dir/scripts.log
  if [[ ! -f $dir/build.ninja ]]; then
    if ! runLogged "$log" cmake -S "$ROOT" --preset "$preset"; then
      say "${RED}Configuring '$preset' failed:${PLAIN}"
      tail -n 40 "$log"
      return 1
    fi
  fi
  if ! runLogged "$log" cmake --build "$dir" --parallel "$(buildJobs)" --target "$@"; then
    say "${RED}Building '$preset' failed:${PLAIN}"
    grep -E -A 12 'error:|FAILED:|undefined|CMake Error|ninja: error' "$log" | head -n 120 ||
      tail -n 40 "$log"
    say "The whole log is in ${log#"$ROOT"/}."
    return 1
  fi
}
