#include "namenode/meta/cold_reads.h"

#include <cassert>
#include <utility>

namespace cairn::nn {
namespace {

thread_local MemoryOnly* current = nullptr;

}  // namespace

MemoryOnly::MemoryOnly() {
  assert(current == nullptr);
  current = this;
}

MemoryOnly::~MemoryOnly() {
  if (current == this) current = nullptr;
}

MemoryOnly* MemoryOnly::inForce() { return current; }

bool MemoryOnly::hasMissed() { return current != nullptr && !current->missed_.empty(); }

void MemoryOnly::end() { current = nullptr; }

Status MemoryOnly::miss(ColdRow row) {
  missed_.push_back(std::move(row));
  return {Code::INTERNAL, "a row is not in memory"};
}

}  // namespace cairn::nn
