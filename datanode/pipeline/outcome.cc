#include "datanode/pipeline/outcome.h"

#include <utility>

namespace cairn::dn {
namespace {

kj::Promise<Outcome> oneThenOther(kj::Promise<Outcome> one, kj::Promise<Outcome> other,
                                  bool oneInFront) {
  auto here = co_await kj::mv(one);
  if (!here.has_value()) co_return kj::mv(here);
  auto there = co_await kj::mv(other);
  if (!there.has_value()) co_return kj::mv(there);
  if (!oneInFront) std::swap(*here, *there);
  here->insert(here->end(), there->begin(), there->end());
  co_return kj::mv(here);
}

}  // namespace

kj::Promise<Outcome> bothOrFirstFailure(kj::Promise<Outcome> first, kj::Promise<Outcome> second) {
  auto firsts = first.fork();
  auto seconds = second.fork();
  return oneThenOther(firsts.addBranch(), seconds.addBranch(), true)
      .exclusiveJoin(oneThenOther(seconds.addBranch(), firsts.addBranch(), false));
}

}  // namespace cairn::dn
