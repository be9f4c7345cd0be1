// What becomes of replicas in a ReplicaStore that read wrong, and how whole ones are read.
#include <utility>

#include "common/log/log.h"
#include "datanode/store/replica_store.h"

namespace cairn::dn {

// --- News of damage ---

void ReplicaStore::damaged(const ReplicaKey& key, Incarnation which, const Status& why) {
  const auto* known = table_.find(key);
  if (known == nullptr || known->incarnation != which) return;
  switch (known->state) {
    case ReplicaState::FINAL: tellDamaged(key, why); return;
    case ReplicaState::RBW:
    case ReplicaState::WAITING: tasks_.add(lookAgain(key, why)); return;
    case ReplicaState::WRITING:
    case ReplicaState::FOUND: return;
  }
}

void ReplicaStore::tellAgain(const ReplicaKey& key) {
  const auto* const known = table_.find(key);
  if (known == nullptr || known->state != ReplicaState::FINAL) return;
  auto news = newsOf(*known);
  if (damaged_.contains(key)) news.kind = ReplicaNews::Kind::DAMAGED;
  news_.add(key, news);
  wakeup_.ring();
}

void ReplicaStore::tellNewest(ChunkId chunk) {
  const auto newest = table_.newestOf(chunk);
  if (!newest) return;
  const ReplicaKey key{chunk, *newest};
  const auto& replica = *table_.find(key);
  if (replica.state == ReplicaState::FINAL) return tellAgain(key);
  if (replica.state == ReplicaState::FOUND) return;  // told when it has been looked into
  news_.add(key, newsOf(replica));
  wakeup_.ring();
}

kj::Promise<void> ReplicaStore::lookAgain(ReplicaKey key, Status why) {
  open_.forget(key);
  const auto looked = co_await openUnfinished(key, Urgency::REPAIR);
  if (looked.has_value()) {
    LOG(INFO) << "the unfinished replica of " << key.toString()
              << " was read while it was changed: " << why.message();
  }
}

void ReplicaStore::tellDamaged(const ReplicaKey& key, const Status& why, bool asked) {
  const bool first = knowDamaged(key);
  if (!first && !asked) return;
  if (first) {
    LOG(ERROR) << "the replica of " << key.toString() << " is damaged: " << why.message();
  }
  tellAgain(key);
}

void ReplicaStore::isWell(const ReplicaKey& key) {
  forgetDamage(key, table_.find(key)->volume);
  if (const auto open = open_.find(key); open && open->damage()) open_.forget(key);
  tellAgain(key);
}

void ReplicaStore::quarantine(const ReplicaKey& key, const Status& why) {
  const auto replica = *table_.find(key);
  if (replica.state == ReplicaState::FINAL) {
    LOG(ERROR) << "the replica of " << key.toString() << " is damaged: " << why.message();
  } else {
    // A crash may leave less of it than a whole header: nothing of that was promised.
    LOG(WARNING) << "the unfinished replica of " << key.toString()
                 << " is of no use: " << why.message();
  }
  table_.remove(key);
  open_.forget(key);
  forgetDamage(key, replica.volume);
  auto news = newsOf(replica);
  news.kind = ReplicaNews::Kind::QUARANTINED;
  news_.add(key, news);
  wakeup_.ring();
  tasks_.add(putAside(replica.volume, key.chunk, pathOf(key, replica), why.message()));
}

// --- Reading all of it ---

kj::Promise<Result<void>> ReplicaStore::verify(ReplicaKey key, IfDamaged then) {
  const auto* const known = table_.find(key);
  if (known == nullptr) {
    news_.add(key, {});  // so that whoever suspects it learns that it is gone
    wakeup_.ring();
    co_return fail(absent(key));
  }
  const auto which = known->incarnation;
  // The file's ends, too, as they are on the disk now; the index of one that is open was read long
  // ago. Those who have it open read on.
  open_.forget(key);
  auto checked = co_await readWhole(key);
  CO_TRY(stillFinal(key, which));
  if (checked.has_value()) {
    // Whoever suspected it may think better of it.
    isWell(key);
    co_return Result<void>();
  }
  // What cannot be read is as bad as what reads wrong.
  const auto code = checked.error().code();
  if (code == Code::CORRUPT || code == Code::IO_ERROR) {
    if (then == IfDamaged::QUARANTINE) {
      quarantine(key, checked.error());
    } else {
      tellDamaged(key, checked.error(), true);
    }
  }
  co_return kj::mv(checked);
}

kj::Promise<Result<void>> ReplicaStore::readWhole(ReplicaKey key) {
  CO_ASSIGN(const auto checking, co_await beginCheck(key));
  for (bool last = false; !last;) {
    CO_ASSIGN(last, co_await checkNext(checking));
  }
  co_return Result<void>();
}

kj::Promise<Result<ReplicaStore::Checking>> ReplicaStore::beginCheck(ReplicaKey key) {
  const auto* const known = table_.find(key);
  if (known == nullptr) co_return fail(absent(key));
  Checking checking;
  checking.key_ = key;
  checking.volume_ = known->volume;
  checking.incarnation_ = known->incarnation;
  checking.wasDamaged_ = damaged_.contains(key);
  CO_ASSIGN(auto file, co_await openAnew(key, Urgency::BACKGROUND));
  CO_TRY(stillFinal(key, checking.incarnation_));
  checking.check_ = std::make_shared<ReplicaCheck>(
      kj::mv(file), open_.contains(key) ? ReplicaCheck::Cache::KEEP : ReplicaCheck::Cache::PASS);
  co_return kj::mv(checking);
}

kj::Promise<Result<bool>> ReplicaStore::checkNext(const Checking& checking) {
  const auto key = checking.key_;
  const auto which = checking.incarnation_;
  const auto wasDamaged = checking.wasDamaged_;
  auto checked = co_await run(checking.volume_, Urgency::BACKGROUND,
                              [check = checking.check_](Volume&) { return check->next(); });
  // Of one that was cut, written on or replaced meanwhile, what was read says nothing.
  CO_TRY(stillFinal(key, which));
  if (checked.has_value() && *checked && wasDamaged && damaged_.contains(key)) isWell(key);
  co_return kj::mv(checked);
}

}  // namespace cairn::dn
