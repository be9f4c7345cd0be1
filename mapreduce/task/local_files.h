// Local files as a job's input and output (--local).
// Layer: mapreduce/task (POSIX).  Threads: each stream and sink one; LocalFiles any.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "mapreduce/api/task_runtime.h"

namespace cairn::mr {

class LocalFiles final : public InputSource {
public:
  Result<std::vector<InputFile>> list(std::string_view path) override;
  Result<std::unique_ptr<InputStream>> open(std::string_view path) override;
};

// A new file; ALREADY_EXISTS when there is one.
Result<std::unique_ptr<OutputSink>> createLocalOutput(const std::string& path);

}  // namespace cairn::mr
