// The flag --threads of the verbs that copy.
// Layer: client/shell.
#pragma once

#include "client/shell/create_flags.h"
#include "client/shell/transfer_pool.h"
#include "client/shell/verb.h"
#include "common/base/result.h"

namespace cairn::shell {

// How many files are to be copied at a time; 1 without the flag. INVALID_ARGUMENT.
inline Result<unsigned> threadsOf(const Verb& verb) {
  const auto text = verb.value("threads");
  if (!text) return 1;
  ASSIGN(const auto threads, parseNumber("--threads", *text, 1, TRANSFER_THREADS_MAX));
  return static_cast<unsigned>(threads);
}

}  // namespace cairn::shell
