// The documented default file.
#include "common/config/default_file.h"

#include <gtest/gtest.h>

#include "common/config/load.h"
#include "common/config/setting_table.h"
#include "tests/testkit/results.h"

namespace cairn::config {
namespace {

// Protects the documentation: every key stands in the file, and with all its comment signs taken
// away the file is valid and says the defaults.
TEST(DefaultFileTest, HoldsEverySettingAtItsDefault) {
  const std::string text = defaultConfigFile();
  std::string active;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = text.find('\n', at);
    std::string line = text.substr(at, end - at);
    at = end + 1;
    if (line.starts_with('#') && !line.starts_with("# ") && line != "#") line.erase(0, 1);
    active += line + "\n";
    EXPECT_LE(line.size(), 101U) << line;
  }
  const Machine machine{.home = "/homes/u", .user = "u", .cores = 2};
  Settings untouched(machine);
  ASSERT_OK(applyToml(text, "f", untouched));
  Settings settings(machine);
  ASSERT_OK(applyToml(active, "f", settings));
  for (const auto& spec : settingTable()) {
    EXPECT_EQ(untouched.originOf(spec.key), "default") << spec.key;
    EXPECT_TRUE(settings.originOf(spec.key).starts_with("f:")) << spec.key;
  }
  EXPECT_EQ(settings.bytes("fs.chunk_size"), Settings(machine).bytes("fs.chunk_size"));
  EXPECT_EQ(settings.list("namenode.rack_table").size(), 0U);
}

}  // namespace
}  // namespace cairn::config
