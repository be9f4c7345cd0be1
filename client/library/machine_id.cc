#include "client/library/machine_id.h"

#include <fstream>

namespace cairn::library {

std::string machineId() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id;
}

}  // namespace cairn::library
