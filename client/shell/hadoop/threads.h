// The options -t and -q of the verbs that copy.
// Layer: client/shell.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "client/shell/hadoop/fs_call.h"
#include "client/shell/transfer_pool.h"

namespace cairn::shell::hadoop {

// How many files are copied at a time: -t, at least 1 and at most TRANSFER_THREADS_MAX. The length
// of Hadoop's queue (-q) means nothing here. INVALID_ARGUMENT, in the words of Java's parser:
// either is no number.
inline Result<unsigned> threadsOf(const FsCall& call) {
  std::int32_t threads = 1;
  for (const std::string_view option : {"q", "t"}) {
    threads = 1;
    const auto text = call.value(option);
    if (!text) continue;
    const auto* const last = text->data() + text->size();
    const auto [end, error] = std::from_chars(text->data(), last, threads);
    if (error != std::errc() || end != last) {
      return cairn::fail(Code::INVALID_ARGUMENT, "For input string: \"" + *text + "\"");
    }
  }
  return static_cast<unsigned>(
      std::clamp<std::int32_t>(threads, 1, static_cast<std::int32_t>(TRANSFER_THREADS_MAX)));
}

}  // namespace cairn::shell::hadoop
