// HDFS's storage policies by their names.
// Layer: client/shell.  Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "cairn/types.h"

namespace cairn::shell {

struct NamedPolicy {
  StoragePolicy policy;
  std::string_view name;  // "ONE_SSD"
};
// All but NONE, in the order of their numbers.
std::span<const NamedPolicy> storagePolicies();

// Upper or lower case, as in HDFS.
std::optional<StoragePolicy> storagePolicyOf(std::string_view name);
// "COLD"; "" for 0, and for a number that is none of HDFS's.
std::string_view nameOfStoragePolicy(std::uint8_t number);

}  // namespace cairn::shell
