#include "client/shell/failures.h"

namespace cairn::shell {

std::string posixText(const Status& failure) {
  switch (failure.code()) {
    case Code::NOT_FOUND: return "no such file or directory";
    case Code::ALREADY_EXISTS: return "file exists";
    case Code::IS_A_DIRECTORY: return "is a directory";
    case Code::NOT_A_DIRECTORY: return "not a directory";
    case Code::NOT_EMPTY: return "directory not empty";
    case Code::LEASE_CONFLICT:
      if (failure.message().find("lease recovery is in progress") != std::string::npos) {
        return "its last writer is gone and it is being closed; try again later";
      }
      return "another client writes it ('cairn admin recover-lease' takes it from a dead one)";
    case Code::SAFE_MODE:
      return "the namenode is in safe mode ('cairn admin safemode get' says why)";
    default: return failure.message();
  }
}

Status listingFailure(Status failure) {
  if (failure.code() != Code::LIMIT_EXCEEDED) return failure;
  return Status(failure.code(), std::string(NOT_LOOKED_INTO) + failure.message());
}

Status writingFailure(Status failure, std::string_view path) {
  switch (failure.code()) {
    case Code::NOT_FOUND:
      return Status(Code::LEASE_EXPIRED,
                    std::string(path) + " was removed or replaced while it was written");
    case Code::LEASE_EXPIRED:
    case Code::LEASE_CONFLICT:
      return Status(Code::LEASE_EXPIRED,
                    std::string(path) +
                        " was closed or taken over by another client while it was written; what "
                        "this one has written last may not be in it");
    default: return failure;
  }
}

}  // namespace cairn::shell
