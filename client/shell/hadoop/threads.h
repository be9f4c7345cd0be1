// The option -t of the verbs that copy.
// Layer: client/shell.
#pragma once

#include <charconv>

#include "client/shell/hadoop/fs_call.h"
#include "client/shell/transfer_pool.h"

namespace cairn::shell::hadoop {

// How many files are copied at a time. Like Hadoop: what is no number of threads means one.
inline unsigned threadsOf(const FsCall& call) {
  const auto text = call.value("t");
  if (!text) return 1;
  unsigned threads = 1;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), threads);
  if (error != std::errc() || threads == 0) return 1;
  return threads < TRANSFER_THREADS_MAX ? threads : TRANSFER_THREADS_MAX;
}

}  // namespace cairn::shell::hadoop
