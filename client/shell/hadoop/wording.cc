#include "client/shell/hadoop/wording.h"

#include "client/shell/failures.h"

namespace cairn::shell::hadoop {
namespace {

std::string quoted(std::string_view shown) { return "`" + std::string(shown) + "'"; }

}  // namespace

std::string wordsFor(std::string_view shown, const Status& failure) {
  switch (failure.code()) {
    case Code::NOT_FOUND: return quoted(shown) + ": No such file or directory";
    case Code::ALREADY_EXISTS: return quoted(shown) + ": File exists";
    case Code::IS_A_DIRECTORY: return quoted(shown) + ": Is a directory";
    case Code::NOT_EMPTY: return quoted(shown) + ": Directory is not empty";
    case Code::NOT_A_DIRECTORY:
      if (failure.message().empty()) return quoted(shown) + ": Is not a directory";
      break;
    case Code::IO_ERROR:
      if (failure.message().empty()) return quoted(shown) + ": Input/output error";
      break;
    case Code::LIMIT_EXCEEDED:
      // Of a path as a whole: the message does not name it.
      if (failure.message().starts_with(NOT_LOOKED_INTO) ||
          failure.message().starts_with(PATH_TOO_LONG)) {
        return quoted(shown) + ": " + failure.message();
      }
      break;
    default: break;
  }
  // One line, as Hadoop cuts its exceptions' texts.
  return failure.message().substr(0, failure.message().find('\n'));
}

std::string noParent(std::string_view shown, std::string_view qualified) {
  return quoted(shown) + ": No such file or directory: " + quoted(qualified);
}

}  // namespace cairn::shell::hadoop
