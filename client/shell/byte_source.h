// Where the bytes of a new file come from.
// Layer: client/shell.  Threads: one at a time.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "cairn/files.h"
#include "common/base/result.h"

namespace cairn::shell {

class ByteSource {
public:
  virtual ~ByteSource() = default;
  // At least one byte into `room`, which is not empty; 0 at the end. CANCELLED with an empty
  // message once a signal came.
  virtual Result<std::size_t> read(std::span<std::byte> room) = 0;
};

// An open file, a pipe, a terminal. To be used within a CleanupScope, whose signals end the wait.
class DescriptorSource final : public ByteSource {
public:
  // Does not own the descriptor. `name`: for messages.
  DescriptorSource(int descriptor, std::string name);
  Result<std::size_t> read(std::span<std::byte> room) override;

private:
  int descriptor_;
  std::string name_;
};

// A file of the cluster.
class InputFileSource final : public ByteSource {
public:
  explicit InputFileSource(InputFile file);
  Result<std::size_t> read(std::span<std::byte> room) override;
  const Entry& entry() const { return file_.entry(); }
  // Whether read() failed, so that a copy's failure is this file's.
  bool failed() const { return failed_; }

private:
  InputFile file_;
  bool failed_ = false;
};

}  // namespace cairn::shell
