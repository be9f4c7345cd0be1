#include "namenode/meta/finger_list.h"

namespace cairn::nn {

int FingerList::chooseHeight() {
  // xorshift: the shape of the list is the same in every run.
  dice_ ^= dice_ << 13;
  dice_ ^= dice_ >> 17;
  dice_ ^= dice_ << 5;
  int height = 1;
  for (std::uint32_t bits = dice_; height < HEIGHT_MAX && (bits & 3) == 0; bits >>= 2) ++height;
  return height;
}

void FingerList::insert(Node* node) {
  const EntryKey key = node->key();
  const auto nextOf = [](const Node* at, int level) {
    return at->link(level).load(std::memory_order_relaxed);  // only this thread writes links
  };
  // Up the finger, to the first level on which the place lies behind it and before the next node.
  // On those above it does, too: their nodes lie farther apart.
  const int height = height_.load(std::memory_order_relaxed);
  int level = 0;
  const Node* behind = nullptr;  // known not to be before the key
  for (; level < height; ++level) {
    Node* const at = finger_[static_cast<std::size_t>(level)];
    if (at == behind) continue;
    if (at != head_ && !precedes(at->key(), key)) {
      behind = at;
      continue;
    }
    const Node* const next = nextOf(at, level);
    if (next == nullptr || precedes(key, next->key())) break;
  }
  // And down again, on each level as far as it goes.
  if (level > 0) {
    Node* at = level < height ? finger_[static_cast<std::size_t>(level)] : head_;
    const Node* after = level < height ? nextOf(at, level) : nullptr;
    while (level-- > 0) {
      Node* next = nextOf(at, level);
      while (next != nullptr && next != after && precedes(next->key(), key)) {
        at = next;
        next = nextOf(at, level);
      }
      after = next;
      finger_[static_cast<std::size_t>(level)] = at;
    }
  }

  const int own = static_cast<int>(node->height_);
  // A reader that does not see it yet begins lower, and finds the same.
  if (own > height) height_.store(own, std::memory_order_relaxed);
  for (int i = 0; i < own; ++i) {
    Node*& before = finger_[static_cast<std::size_t>(i)];
    node->link(i).store(nextOf(before, i), std::memory_order_relaxed);
    before->link(i).store(node, std::memory_order_release);  // whoever finds it sees all of it
    before = node;
  }
}

const FingerList::Node* FingerList::search(const EntryKey& key, const Node*& after) const {
  const Node* at = head_;
  after = nullptr;
  for (int level = height_.load(std::memory_order_relaxed) - 1; level >= 0; --level) {
    const Node* next = at->link(level).load(std::memory_order_acquire);
    while (next != nullptr && next != after && next->key().before(key)) {
      at = next;
      next = at->link(level).load(std::memory_order_acquire);
    }
    after = next;
  }
  return at;
}

const FingerList::Node* FingerList::atOrAfter(const EntryKey& key) const {
  const Node* after = nullptr;
  search(key, after);
  return after;
}

const FingerList::Node* FingerList::lastBefore(const EntryKey& key) const {
  const Node* after = nullptr;
  const Node* const at = search(key, after);
  return at == head_ ? nullptr : at;
}

const FingerList::Node* FingerList::last() const {
  const Node* at = head_;
  for (int level = height_.load(std::memory_order_relaxed) - 1; level >= 0; --level) {
    while (const Node* const next = at->link(level).load(std::memory_order_acquire)) at = next;
  }
  return at == head_ ? nullptr : at;
}

}  // namespace cairn::nn
