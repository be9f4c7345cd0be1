#include "common/rpc/convert.h"

namespace cairn::rpc {

void toWire(const Status& status, wire::Fault::Builder to) {
  to.setCode(static_cast<std::uint16_t>(status.code()));
  to.setMessage(toText(status.message()));
  to.setRetryAfterMs(status.retryAfterMs());
}

Result<void> fromWire(wire::Fault::Reader fault) {
  if (fault.getCode() == 0) return {};
  return fail(codeFromWire(fault.getCode()), toString(fault.getMessage()), fault.getRetryAfterMs());
}

Status fromException(const kj::Exception& exception, std::string_view what) {
  Code code = Code::INTERNAL;
  switch (exception.getType()) {
    case kj::Exception::Type::DISCONNECTED: code = Code::UNAVAILABLE; break;
    case kj::Exception::Type::OVERLOADED: code = Code::OVERLOADED; break;
    case kj::Exception::Type::UNIMPLEMENTED: code = Code::UNSUPPORTED; break;
    case kj::Exception::Type::FAILED: break;
  }
  return {code, std::string(what) + ": " + exception.getDescription().cStr()};
}

}  // namespace cairn::rpc
