#include "namenode/audit/audit_file.h"

#include "common/base/bytes.h"

namespace cairn::nn {
namespace {

std::string nameOf(unsigned number) {
  const std::string name(AuditFile::NAME);
  return number == 0 ? name : name + "." + std::to_string(number);
}

}  // namespace

Result<void> AuditFile::open() {
  ASSIGN(const auto found, disk_.statIfExists(NAME));
  ASSIGN(file_,
         disk_.open(NAME, found.has_value() ? io::OpenMode::READ_WRITE : io::OpenMode::CREATE));
  bytes_ = found.has_value() ? found->sizeBytes : 0;
  return {};
}

Result<void> AuditFile::turnOver() {
  file_ = nullptr;
  for (unsigned number = FILES - 1; number > 0; --number) {
    const auto moved = disk_.rename(nameOf(number - 1), nameOf(number));
    if (!moved.has_value() && moved.error().code() != Code::NOT_FOUND) return moved;
  }
  return {};
}

Result<void> AuditFile::append(std::string_view lines) {
  if (file_ != nullptr && bytes_ >= FILE_BYTES) TRY(turnOver());
  if (file_ == nullptr) TRY(open());
  const auto written = file_->append(asBytes(lines));
  if (!written.has_value()) {
    file_ = nullptr;
    return written;
  }
  bytes_ += lines.size();
  return {};
}

}  // namespace cairn::nn
