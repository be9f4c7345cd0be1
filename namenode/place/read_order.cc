#include "namenode/place/read_order.h"

#include <algorithm>
#include <utility>

namespace cairn::nn {

void orderForRead(std::vector<ReplicaPlace>& replicas, const ReaderPlace& reader,
                  const Dice& dice) {
  for (std::size_t i = replicas.size(); i > 1; --i) {
    std::swap(replicas[i - 1], replicas[static_cast<std::size_t>(dice(i))]);
  }
  const auto same = [](std::string_view a, std::string_view b) { return !a.empty() && a == b; };
  const auto rank = [&](const ReplicaPlace& replica) {
    const int distance = same(replica.machine, reader.machine) || same(replica.host, reader.host)
                             ? 0
                         : same(replica.rack, reader.rack) ? 1
                                                           : 2;
    return (replica.live ? 0 : 4) + distance;
  };
  // Insertion sort: stable, and replicas are few.
  for (auto it = replicas.begin(); it != replicas.end(); ++it) {
    std::rotate(std::upper_bound(replicas.begin(), it, *it,
                                 [&](const ReplicaPlace& a, const ReplicaPlace& b) {
                                   return rank(a) < rank(b);
                                 }),
                it, it + 1);
  }
}

}  // namespace cairn::nn
