# shellcheck shell=bash
# Real text in any amount, from what every Debian machine has. Sourced.

# proseFiles: the machine's licences, read-me files, change logs and manuals, separated by NUL, in
# the order of their names; C headers where a container was stripped of its documents.
proseFiles() {
  local list
  list=$(mktemp)
  find /usr/share/common-licenses /usr/share/doc /usr/share/man -type f \
    \( -path '/usr/share/common-licenses/*' -o -path '/usr/share/man/*.gz' -o -name copyright \
    -o -iname 'readme*' -o -iname 'changelog*' -o -iname 'news*' -o -name '*.txt' \
    -o -name '*.txt.gz' -o -name '*.md' -o -name '*.rst' \) -print0 2>/dev/null >"$list"
  if (($(tr -cd '\000' <"$list" | wc -c) < 500)); then
    find /usr/include -type f -name '*.h' -print0 2>/dev/null >>"$list"
  fi
  LC_ALL=C sort -z "$list"
  rm -f "$list"
}

# sampleText BYTES: that many bytes of text and a last newline on stdout: those files, unpacked, and
# again from the start until there is enough. The same machine gives the same
# text. Bytes are left as they are (UTF-8, Latin-1, form feeds) but for NUL, at which tools for text
# may stop. Returns 1 when the machine has no text to speak of.
sampleText() {
  local want=$1 once have=0 size
  once=$(mktemp)
  # head ends early once it has enough, and what feeds it dies of that: no failure.
  (
    set +o pipefail
    proseFiles | xargs -0 -r gzip -cdfq 2>/dev/null | tr -d '\000' 2>/dev/null | head -c "$want"
  ) >"$once"
  size=$(stat -c %s "$once")
  if ((size < 4096)); then
    rm -f "$once"
    return 1
  fi
  (
    set +o pipefail
    while ((have < want)); do
      cat "$once" 2>/dev/null
      echo # a file may end within a line
      have=$((have + size + 1))
    done | head -c "$want"
  )
  echo # and so may the cut
  rm -f "$once"
}
