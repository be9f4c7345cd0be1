#include "namenode/service/read_site.h"

#include "common/async/coroutine.h"

namespace cairn::nn {

class ReadSite::Turn {
public:
  explicit Turn(ReadSite& site) : site_(site) { ++site.turns_; }
  ~Turn() noexcept(false) {
    --site_.turns_;
    while (!site_.waiting_.empty()) {
      auto next = kj::mv(site_.waiting_.front());
      site_.waiting_.pop_front();
      if (!next->isWaiting()) continue;  // its call was dropped
      // Should it be dropped before it runs, its turn ends with it.
      next->fulfill(kj::heap<Turn>(site_));
      return;
    }
  }
  KJ_DISALLOW_COPY(Turn);

private:
  ReadSite& site_;
};

kj::Promise<void> ReadSite::fetch(std::vector<ColdRow> rows) {
  kj::Own<Turn> turn;
  if (turns_ < FETCHES_MAX) {
    turn = kj::heap<Turn>(*this);
  } else {
    auto wait = kj::newPromiseAndFulfiller<kj::Own<Turn>>();
    waiting_.push_back(kj::mv(wait.fulfiller));
    turn = co_await kj::mv(wait.promise);
  }
  co_await workPool_.run([store = store, rows = std::move(rows)]() { store->fetch(rows); });
}

ReadSite::~ReadSite() noexcept(false) = default;

}  // namespace cairn::nn
