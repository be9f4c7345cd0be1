#include "cairn/mr/groups.h"

#include "mapreduce/shuffle/merge.h"

namespace cairn::mr {

bool Groups::nextGroup() {
  switch (at_) {
    case At::START:
      if (!records_.next()) {
        at_ = At::END;
        return false;
      }
      break;
    case At::ON_FIRST:
    case At::WITHIN: {
      std::string_view passed;
      while (nextValue(passed)) {
      }
      if (at_ == At::END) return false;
      break;
    }
    case At::AT_NEXT: break;
    case At::END: return false;
  }
  key_.assign(records_.key());
  at_ = At::ON_FIRST;
  ++groups_;
  return true;
}

bool Groups::nextValue(std::string_view& value) {
  if (at_ == At::WITHIN) {
    if (!records_.next()) {
      at_ = At::END;
      return false;
    }
    if (records_.key() != key_) {
      at_ = At::AT_NEXT;
      return false;
    }
  } else if (at_ != At::ON_FIRST) {
    return false;
  }
  at_ = At::WITHIN;
  ++recordCount_;
  value = records_.value();
  return true;
}

}  // namespace cairn::mr
