#include "tests/model/operation.h"

#include <array>
#include <string_view>

namespace cairn::model {
namespace {

constexpr auto NAMES = std::to_array<std::string_view>({"MKDIRS",
                                                        "CREATE",
                                                        "ADD_CHUNK",
                                                        "ABANDON",
                                                        "COMPLETE",
                                                        "REMOVE",
                                                        "RENAME",
                                                        "SET_PERMISSION",
                                                        "SET_OWNER",
                                                        "SET_REPLICATION",
                                                        "SET_COMPRESSION",
                                                        "SET_XATTR",
                                                        "REMOVE_XATTR",
                                                        "CONCAT",
                                                        "STAT",
                                                        "LIST",
                                                        "LOCATE",
                                                        "SUMMARY",
                                                        "XATTRS",
                                                        "RESTART"});

// Few names, so that operations meet.
std::string randomPath(io::Random& random) {
  if (random.chance(0.02)) return "/";
  std::string path;
  const auto depth = static_cast<int>(random.between(1, 4));
  for (int i = 0; i < depth; ++i) {
    static constexpr std::array<std::string_view, 4> COMPONENTS{"a", "b", "c", "\xc3\xa4 x"};
    path += "/";
    path += COMPONENTS[random.below(random.chance(0.5) ? 2 : COMPONENTS.size())];
  }
  return path;
}

std::string randomUser(io::Random& random) {
  const auto dice = random.below(10);
  return dice < 6 ? "root" : dice < 8 ? "alice" : "bob";
}

Do randomDo(io::Random& random) {
  struct Share {
    Do what;
    unsigned parts;
  };
  static constexpr auto SHARES = std::to_array<Share>({{Do::MKDIRS, 20},
                                                       {Do::CREATE, 20},
                                                       {Do::ADD_CHUNK, 15},
                                                       {Do::ABANDON, 3},
                                                       {Do::COMPLETE, 10},
                                                       {Do::REMOVE, 10},
                                                       {Do::RENAME, 14},
                                                       {Do::SET_PERMISSION, 4},
                                                       {Do::SET_OWNER, 6},
                                                       {Do::SET_REPLICATION, 4},
                                                       {Do::SET_COMPRESSION, 4},
                                                       {Do::SET_XATTR, 6},
                                                       {Do::REMOVE_XATTR, 3},
                                                       {Do::CONCAT, 6},
                                                       {Do::STAT, 6},
                                                       {Do::LIST, 6},
                                                       {Do::LOCATE, 6},
                                                       {Do::SUMMARY, 6},
                                                       {Do::XATTRS, 3},
                                                       {Do::RESTART, 1}});
  unsigned total = 0;
  for (const auto& share : SHARES) total += share.parts;
  auto left = static_cast<unsigned>(random.below(total));
  for (const auto& share : SHARES) {
    if (left < share.parts) return share.what;
    left -= share.parts;
  }
  return Do::STAT;
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x80) {
      out += c;
      continue;
    }
    static constexpr char DIGITS[] = "0123456789abcdef";
    // The literal ends here: a hex escape would swallow digits that follow.
    out += "\\x";
    out += DIGITS[static_cast<unsigned char>(c) >> 4];
    out += DIGITS[static_cast<unsigned char>(c) & 15];
    out += "\" \"";
  }
  return out + "\"";
}

}  // namespace

std::vector<Operation> randomOperations(io::Random& random, std::size_t count) {
  static constexpr std::array<unsigned, 5> MODES{0755, 0777, 0700, 01777, 0750};
  std::vector<Operation> operations;
  for (std::size_t i = 0; i < count; ++i) {
    Operation operation;
    operation.what = randomDo(random);
    operation.path = randomPath(random);
    operation.to = randomPath(random);
    if (operation.what == Do::CONCAT && operation.to != "/" && random.chance(0.7)) {
      // Of the same directory, else it is always refused.
      operation.to = operation.path.substr(0, operation.path.rfind('/')) +
                     operation.to.substr(operation.to.rfind('/'));
    }
    operation.user = randomUser(random);
    operation.mode = MODES[random.below(MODES.size())];
    operation.force = random.chance(0.5);
    operation.parents = random.chance(0.7);
    operation.slot = static_cast<unsigned>(random.below(SLOTS));
    operation.length = static_cast<unsigned>(random.between(0, 2000));
    operation.repeat = random.chance(0.2);
    operations.push_back(std::move(operation));
  }
  return operations;
}

std::string ownerOf(const Operation& o) {
  static constexpr std::array<std::string_view, SLOTS> OWNERS{"", "alice", "bob", "carol"};
  return std::string(OWNERS[o.slot]);
}
std::string groupOf(const Operation& o) {
  static constexpr std::array<std::string_view, 3> GROUPS{"", "staff", "others"};
  return std::string(GROUPS[o.length % GROUPS.size()]);
}
unsigned replicationOf(const Operation& o) { return o.length % 5; }
int zstdLevelOf(const Operation& o) { return static_cast<int>(o.length % 25) - 5; }
std::string xattrNameOf(const Operation& o) {
  static constexpr std::array<std::string_view, SLOTS> XATTRS{"user.a", "user.b", "trusted.t",
                                                              "system.s"};
  return std::string(XATTRS[o.slot]);
}

std::string toString(const Operation& o) {
  const auto flag = [](bool on) { return on ? "true" : "false"; };
  std::string text = "{.what = Do::" + std::string(NAMES[static_cast<std::size_t>(o.what)]);
  text += ", .path = " + quoted(o.path);
  text += ", .to = " + quoted(o.what == Do::RENAME || o.what == Do::CONCAT ? o.to : std::string());
  text += ", .user = " + quoted(o.user) + ", .mode = " + std::to_string(o.mode);
  text += std::string(", .force = ") + flag(o.force) + ", .parents = " + flag(o.parents);
  text += ", .slot = " + std::to_string(o.slot) + ", .length = " + std::to_string(o.length);
  text += std::string(", .repeat = ") + flag(o.repeat) + "}";
  return text;
}

std::string asTest(const std::vector<Operation>& operations, const std::string& name) {
  std::string text = "TEST(NamespaceModel, " + name + ") {\n  EXPECT_EQ(run({\n";
  for (const auto& operation : operations) text += "      " + toString(operation) + ",\n";
  return text + "  }), \"\");\n}\n";
}

}  // namespace cairn::model
