#include "client/shell/storage_policy.h"

#include <strings.h>

#include <array>

namespace cairn::shell {

std::span<const NamedPolicy> storagePolicies() {
  static constexpr std::array ALL = {NamedPolicy{StoragePolicy::PROVIDED, "PROVIDED"},
                                     NamedPolicy{StoragePolicy::COLD, "COLD"},
                                     NamedPolicy{StoragePolicy::WARM, "WARM"},
                                     NamedPolicy{StoragePolicy::HOT, "HOT"},
                                     NamedPolicy{StoragePolicy::ONE_SSD, "ONE_SSD"},
                                     NamedPolicy{StoragePolicy::ALL_SSD, "ALL_SSD"},
                                     NamedPolicy{StoragePolicy::ALL_NVDIMM, "ALL_NVDIMM"},
                                     NamedPolicy{StoragePolicy::LAZY_PERSIST, "LAZY_PERSIST"}};
  return ALL;
}

std::optional<StoragePolicy> storagePolicyOf(std::string_view name) {
  for (const auto& known : storagePolicies()) {
    if (name.size() == known.name.size() &&
        ::strncasecmp(name.data(), known.name.data(), name.size()) == 0) {
      return known.policy;
    }
  }
  return std::nullopt;
}

std::string_view nameOfStoragePolicy(std::uint8_t number) {
  for (const auto& known : storagePolicies()) {
    if (static_cast<std::uint8_t>(known.policy) == number) return known.name;
  }
  return "";
}

}  // namespace cairn::shell
