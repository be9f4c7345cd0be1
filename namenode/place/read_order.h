// The order in which a reader should try a chunk's replicas: nearest first, silent nodes last.
// Layer: place (pure).
#pragma once

#include <string_view>
#include <vector>

#include "common/base/ids.h"
#include "namenode/place/pipeline.h"

namespace cairn::nn {

struct ReplicaPlace {
  NodeId node;
  std::string_view host;  // of its address, numeric
  std::string_view machine;
  std::string_view rack;
  bool live = false;  // heard of lately
};

// What is known of the reader; "" = nothing.
struct ReaderPlace {
  std::string_view host;
  std::string_view machine;
  std::string_view rack;
};

// Sorts: same machine or host, same rack, the rest, each group in random order, so that readers
// spread; then, likewise, those that are not live.
void orderForRead(std::vector<ReplicaPlace>& replicas, const ReaderPlace& reader, const Dice& dice);

}  // namespace cairn::nn
