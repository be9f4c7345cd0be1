# shellcheck shell=bash disable=SC2034
# How the scripts talk to people: steps with a number, a reason and a time; colours on a terminal
# only; one way to fail. Sourced, never run. Sets ROOT (the top of the tree).

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

if [[ -t 1 && -z ${NO_COLOR:-} && ${TERM:-dumb} != dumb ]]; then
  BOLD=$'\e[1m' DIM=$'\e[2m' RED=$'\e[31m' GREEN=$'\e[32m' PLAIN=$'\e[0m'
else
  BOLD='' DIM='' RED='' GREEN='' PLAIN=''
fi

# Milliseconds; only differences mean something.
nowMs() { echo $((${EPOCHREALTIME/[.,]/} / 1000)); }

# seconds MILLISECONDS: "1.4 s", "3 min 05 s".
seconds() {
  local ms=$1
  if ((ms < 60000)); then
    printf '%d.%d s' $((ms / 1000)) $((ms % 1000 / 100))
  else
    printf '%d min %02d s' $((ms / 60000)) $((ms % 60000 / 1000))
  fi
}

say() { printf '%s\n' "$*"; }
note() { printf '     %s%s%s\n' "$DIM" "$*" "$PLAIN"; }

# die MESSAGE [WHAT TO DO...]: a sentence on stderr, one more a line, exit 1.
die() {
  printf '%serror:%s %s\n' "$RED" "$PLAIN" "$1" >&2
  shift
  local line
  for line in "$@"; do printf '       %s\n' "$line" >&2; done
  exit 1
}

# runLogged LOGFILE COMMAND...: runs it with all its output in LOGFILE. On a terminal the last line
# of the log shows that it is alive, elsewhere a line every half minute does. Returns its exit code.
runLogged() {
  local log=$1 started last pid rc=0 width=${COLUMNS:-80}
  shift
  : >"$log"
  "$@" >"$log" 2>&1 </dev/null &
  pid=$!
  started=$SECONDS
  last=$SECONDS
  while kill -0 "$pid" 2>/dev/null; do
    if [[ -t 1 ]]; then
      printf '\r\e[K     %s%4d s  %.*s%s' "$DIM" $((SECONDS - started)) $((width - 16)) \
        "$(tail -n 1 "$log" | tr -d '\r\000-\037')" "$PLAIN"
      sleep 0.5
    else
      sleep 0.2
      if ((SECONDS - last >= 30)); then
        last=$SECONDS
        printf '     %d s  %.100s\n' $((SECONDS - started)) "$(tail -n 1 "$log" | tr -d '\r\000-\037')"
      fi
    fi
  done
  wait "$pid" || rc=$?
  [[ -t 1 ]] && printf '\r\e[K'
  return $rc
}
