#include "common/base/status.h"

#include <array>
#include <cerrno>
#include <system_error>

namespace cairn {
namespace {

struct CodeInfo {
  Code code;
  std::string_view name;
  std::string_view meaning;
  std::string_view hadoop;
  RetryClass retry;
};

// The registry. HDFS class names: org.apache.hadoop sources; clients match on them.
constexpr std::array CODES{
    CodeInfo{Code::NOT_FOUND, "NOT_FOUND", "It does not exist.", "java.io.FileNotFoundException",
             RetryClass::NEVER},
    CodeInfo{Code::ALREADY_EXISTS, "ALREADY_EXISTS", "The name is taken.",
             "org.apache.hadoop.fs.FileAlreadyExistsException", RetryClass::NEVER},
    CodeInfo{Code::NOT_A_DIRECTORY, "NOT_A_DIRECTORY", "A file stands where a directory is meant.",
             "org.apache.hadoop.fs.ParentNotDirectoryException", RetryClass::NEVER},
    CodeInfo{Code::IS_A_DIRECTORY, "IS_A_DIRECTORY", "A directory stands where a file is meant.",
             "java.io.FileNotFoundException", RetryClass::NEVER},
    CodeInfo{Code::NOT_EMPTY, "NOT_EMPTY", "The directory has children.",
             "org.apache.hadoop.fs.PathIsNotEmptyDirectoryException", RetryClass::NEVER},
    CodeInfo{Code::PERMISSION_DENIED, "PERMISSION_DENIED", "The user lacks the right.",
             "org.apache.hadoop.security.AccessControlException", RetryClass::NEVER},
    CodeInfo{Code::INVALID_ARGUMENT, "INVALID_ARGUMENT", "The request makes no sense as it stands.",
             "org.apache.hadoop.HadoopIllegalArgumentException", RetryClass::NEVER},
    CodeInfo{Code::LIMIT_EXCEEDED, "LIMIT_EXCEEDED", "A limit would be passed.",
             "org.apache.hadoop.hdfs.protocol.FSLimitException", RetryClass::NEVER},
    CodeInfo{Code::LEASE_CONFLICT, "LEASE_CONFLICT", "Another writer holds the file.",
             "org.apache.hadoop.hdfs.protocol.AlreadyBeingCreatedException", RetryClass::NEVER},
    CodeInfo{Code::LEASE_EXPIRED, "LEASE_EXPIRED", "The writer no longer holds the file.",
             "org.apache.hadoop.hdfs.server.namenode.LeaseExpiredException", RetryClass::NEVER},
    CodeInfo{Code::SAFE_MODE, "SAFE_MODE", "The namenode is in safe mode.",
             "org.apache.hadoop.hdfs.server.namenode.SafeModeException", RetryClass::LATER},
    CodeInfo{Code::PLACEMENT_FAILED, "PLACEMENT_FAILED", "There are not enough datanodes.",
             "java.io.IOException", RetryClass::LATER},
    CodeInfo{Code::NOT_REPLICATED_YET, "NOT_REPLICATED_YET",
             "A chunk lacks its minimum of replicas.",
             "org.apache.hadoop.hdfs.server.namenode.NotReplicatedYetException", RetryClass::LATER},
    CodeInfo{Code::STALE, "STALE", "It is older than the current version.", "java.io.IOException",
             RetryClass::ELSEWHERE},
    CodeInfo{Code::CORRUPT, "CORRUPT", "Stored bytes are damaged.",
             "org.apache.hadoop.fs.ChecksumException", RetryClass::ELSEWHERE},
    CodeInfo{Code::IO_ERROR, "IO_ERROR", "The operating system reported an error.",
             "java.io.IOException", RetryClass::ELSEWHERE},
    CodeInfo{Code::DISK_FULL, "DISK_FULL", "The disk is full.",
             "org.apache.hadoop.util.DiskChecker$DiskOutOfSpaceException", RetryClass::ELSEWHERE},
    CodeInfo{Code::UNAVAILABLE, "UNAVAILABLE", "The peer cannot be reached.",
             "java.net.ConnectException", RetryClass::LATER},
    CodeInfo{Code::TIMED_OUT, "TIMED_OUT", "The peer did not answer in time.",
             "java.net.SocketTimeoutException", RetryClass::LATER},
    CodeInfo{Code::OVERLOADED, "OVERLOADED", "The peer has too much to do.",
             "org.apache.hadoop.ipc.RetriableException", RetryClass::LATER},
    CodeInfo{Code::WRONG_CLUSTER, "WRONG_CLUSTER", "It belongs to another cluster.",
             "java.io.IOException", RetryClass::NEVER},
    CodeInfo{Code::IN_USE, "IN_USE", "Another process holds it.", "java.io.IOException",
             RetryClass::NEVER},
    CodeInfo{Code::NOT_FORMATTED, "NOT_FORMATTED", "The directory holds no file system.",
             "java.io.IOException", RetryClass::NEVER},
    CodeInfo{Code::UNSUPPORTED_VERSION, "UNSUPPORTED_VERSION", "It is newer than this program.",
             "java.io.IOException", RetryClass::NEVER},
    CodeInfo{Code::UNSUPPORTED, "UNSUPPORTED", "This program cannot do that.",
             "java.lang.UnsupportedOperationException", RetryClass::NEVER},
    CodeInfo{Code::CANCELLED, "CANCELLED", "It was stopped.", "java.io.InterruptedIOException",
             RetryClass::NEVER},
    CodeInfo{Code::INTERNAL, "INTERNAL", "This is a bug.", "java.io.IOException",
             RetryClass::NEVER},
    CodeInfo{Code::CALL_EXPIRED, "CALL_EXPIRED",
             "The call was retried after its answer was forgotten.", "java.io.IOException",
             RetryClass::NEVER},
    CodeInfo{Code::TASK_FAILED, "TASK_FAILED", "A task or a job failed.", "java.io.IOException",
             RetryClass::NEVER},
    CodeInfo{Code::INVALID_PATH, "INVALID_PATH", "No file can have this path.",
             "org.apache.hadoop.fs.InvalidPathException", RetryClass::NEVER},
};

const CodeInfo* find(Code code) {
  for (const auto& info : CODES) {
    if (info.code == code) return &info;
  }
  return nullptr;
}

}  // namespace

std::string_view codeName(Code code) {
  const auto* info = find(code);
  return info ? info->name : "UNKNOWN";
}

std::string_view codeMeaning(Code code) {
  const auto* info = find(code);
  return info ? info->meaning : "This program does not know the code.";
}

std::string_view hadoopExceptionName(Code code) {
  const auto* info = find(code);
  return info ? info->hadoop : "java.io.IOException";
}

RetryClass retryClassOf(Code code) {
  const auto* info = find(code);
  return info ? info->retry : RetryClass::NEVER;
}

Code codeFromWire(std::uint16_t number) {
  const auto* info = find(static_cast<Code>(number));
  return info ? info->code : Code::INTERNAL;
}

std::string Status::toString() const { return std::string(codeName(code_)) + ": " + message_; }

Status Status::withContext(std::string_view context) const {
  return {code_, std::string(context) + ": " + message_, retryAfterMs_};
}

Status statusFromErrno(int errnum, std::string_view what) {
  Code code = Code::IO_ERROR;
  switch (errnum) {
    case ENOSPC:
    case EDQUOT: code = Code::DISK_FULL; break;
    case ENOENT: code = Code::NOT_FOUND; break;
    case EEXIST: code = Code::ALREADY_EXISTS; break;
    case ENOTDIR: code = Code::NOT_A_DIRECTORY; break;
    case EISDIR: code = Code::IS_A_DIRECTORY; break;
    case ENOTEMPTY: code = Code::NOT_EMPTY; break;
    case EACCES:
    case EPERM: code = Code::PERMISSION_DENIED; break;
    // Nothing is wrong with the file.
    case EMFILE:
    case ENFILE: code = Code::OVERLOADED; break;
    default: break;
  }
  return {code, std::string(what) + ": " + std::generic_category().message(errnum)};
}

}  // namespace cairn
