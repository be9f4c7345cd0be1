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
                                                        "SET_TIMES",
                                                        "SET_POLICY",
                                                        "APPEND",
                                                        "SYNC",
                                                        "TRUNCATE",
                                                        "RECOVER_LEASE",
                                                        "STAT",
                                                        "LIST",
                                                        "LOCATE",
                                                        "SUMMARY",
                                                        "XATTRS",
                                                        "FINISH_RECOVERIES",
                                                        "REPEAT",
                                                        "RESTART"});

// Few names, so that operations meet; and those that are likely to be there more often than others.
class Paths {
public:
  explicit Paths(io::Random& random) : random_(random) {}

  std::string any() {
    if (random_.chance(0.02)) return "/";
    std::string path;
    const auto depth = static_cast<int>(random_.between(1, 4));
    for (int i = 0; i < depth; ++i) path += "/" + component();
    return path;
  }
  // Where something may be made: below a directory, if one is known.
  std::string fresh(bool file) {
    const std::string directory = random_.chance(0.6) ? of(directories_) : "";
    if (directory.empty() && random_.chance(0.3)) return any();
    return directory + "/" + (file && random_.chance(0.85) ? fileName() : component());
  }
  std::string file() { return random_.chance(0.85) ? orAny(of(files_)) : any(); }
  std::string entry() {
    if (random_.chance(0.2)) return any();
    return orAny(of(random_.chance(0.6) ? files_ : directories_));
  }
  std::string directory() { return orAny(of(directories_)); }
  // One that is to get an attribute; or, `again`, has perhaps got one.
  std::string described(bool again = false) {
    if (!again || described_.empty() || random_.chance(0.3)) described_ = entry();
    return described_;
  }
  // Of the same directory; or any.
  std::string beside(const std::string& path) {
    const std::string directory = path.substr(0, path.rfind('/') + 1);
    std::vector<std::string> siblings;
    for (const auto& one : files_) {
      if (one != path && one.starts_with(directory) && one.rfind('/') + 1 == directory.size()) {
        siblings.push_back(one);
      }
    }
    return siblings.empty() || random_.chance(0.2) ? any() : of(siblings);
  }
  void made(const std::string& path, bool file) {
    if (path == "/") return;
    auto& known = file ? files_ : directories_;
    known.push_back(path);
    if (known.size() > KNOWN_MAX) known.erase(known.begin());
  }

private:
  static constexpr std::size_t KNOWN_MAX = 6;

  std::string orAny(const std::string& path) { return path.empty() ? any() : path; }
  std::string of(const std::vector<std::string>& known) {
    return known.empty() ? "" : known[random_.below(known.size())];
  }
  std::string component() {
    static constexpr std::array<std::string_view, 4> COMPONENTS{"a", "b", "c", "\xc3\xa4 x"};
    return std::string(COMPONENTS[random_.below(random_.chance(0.5) ? 2 : COMPONENTS.size())]);
  }
  std::string fileName() {
    static constexpr std::array<std::string_view, 3> FILES{"f", "g", "h"};
    return std::string(FILES[random_.below(FILES.size())]);
  }

  io::Random& random_;
  std::vector<std::string> files_;  // those made last, perhaps
  std::vector<std::string> directories_;
  std::string described_;
};

// What it is done to, as `operation.what` would have it.
void choosePaths(Paths& paths, Operation& operation) {
  switch (operation.what) {
    case Do::MKDIRS: operation.path = paths.fresh(false); break;
    case Do::CREATE: operation.path = paths.fresh(true); break;
    case Do::CONCAT:
      operation.path = paths.file();
      operation.to = paths.beside(operation.path);
      return;
    case Do::RENAME: {
      operation.path = paths.entry();
      const bool file = operation.parents;
      if (movesInto(operation) && operation.length % 2 == 0) {
        operation.to = paths.directory();
        paths.made((operation.to == "/" ? "" : operation.to) +
                       operation.path.substr(operation.path.rfind('/')),
                   file);
        return;
      }
      operation.to = paths.fresh(file);
      paths.made(operation.to, file);
      return;
    }
    case Do::LOCATE:
    case Do::APPEND:
    case Do::TRUNCATE:
    case Do::RECOVER_LEASE:
    case Do::SET_REPLICATION: operation.path = paths.file(); return;
    case Do::SET_XATTR: operation.path = paths.described(); return;
    case Do::REMOVE_XATTR: operation.path = paths.described(true); return;
    default: operation.path = paths.entry(); return;
  }
  paths.made(operation.path, operation.what == Do::CREATE);
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
  static constexpr auto SHARES = std::to_array<Share>({{Do::MKDIRS, 16},
                                                       {Do::CREATE, 20},
                                                       {Do::ADD_CHUNK, 12},
                                                       {Do::ABANDON, 3},
                                                       {Do::COMPLETE, 10},
                                                       {Do::REMOVE, 6},
                                                       {Do::RENAME, 14},
                                                       {Do::SET_PERMISSION, 4},
                                                       {Do::SET_OWNER, 6},
                                                       {Do::SET_REPLICATION, 4},
                                                       {Do::SET_COMPRESSION, 4},
                                                       {Do::SET_XATTR, 8},
                                                       {Do::REMOVE_XATTR, 5},
                                                       {Do::CONCAT, 10},
                                                       {Do::SET_TIMES, 4},
                                                       {Do::SET_POLICY, 3},
                                                       {Do::APPEND, 14},
                                                       {Do::SYNC, 5},
                                                       {Do::TRUNCATE, 8},
                                                       {Do::RECOVER_LEASE, 5},
                                                       {Do::STAT, 6},
                                                       {Do::LIST, 6},
                                                       {Do::LOCATE, 6},
                                                       {Do::SUMMARY, 6},
                                                       {Do::XATTRS, 3},
                                                       {Do::FINISH_RECOVERIES, 8},
                                                       {Do::REPEAT, 6},
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
  static constexpr std::array<unsigned, 7> MODES{0755, 0777, 0777, 0700, 01777, 0750, 0775};
  std::vector<Operation> operations;
  Paths paths(random);
  unsigned slot = 0;
  // Others than root can do something, in most lists.
  const std::array<unsigned, 4> rootModes{0755, 0777, 0777, 01777};
  operations.push_back(
      {.what = Do::SET_PERMISSION, .path = "/", .mode = rootModes[random.below(4)]});
  while (operations.size() < count) {
    Operation operation;
    operation.what = randomDo(random);
    operation.user = randomUser(random);
    operation.mode = MODES[random.below(MODES.size())];
    operation.force = random.chance(0.5);
    operation.parents = random.chance(0.7);
    if (!random.chance(0.5)) slot = static_cast<unsigned>(random.below(SLOTS));
    operation.slot = slot;
    const bool attribute = operation.what == Do::SET_XATTR || operation.what == Do::REMOVE_XATTR;
    if (attribute && random.chance(0.6)) operation.slot = 0;
    operation.length = static_cast<unsigned>(random.between(0, random.chance(0.5) ? 300 : 2000));
    operation.repeat = random.chance(0.2);
    operation.crash = random.chance(operation.what == Do::RESTART ? 0.5 : 0.05);
    choosePaths(paths, operation);
    operations.push_back(operation);
    if (operation.what == Do::CREATE && random.chance(0.6)) {
      // A whole file.
      operation.force = false;
      operation.what = Do::ADD_CHUNK;
      operations.push_back(operation);
      operation.what = Do::COMPLETE;
      operations.push_back(operation);
    }
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

bool movesInto(const Operation& o) { return (o.slot & 1) != 0; }

std::int64_t mtimeOf(const Operation& o) { return (o.slot & 1) != 0 ? -1 : o.length * 1000; }
std::int64_t atimeOf(const Operation& o) { return (o.slot & 2) != 0 ? -1 : o.length * 7; }
unsigned policyOf(const Operation& o) {
  static constexpr std::array<unsigned, SLOTS> POLICIES{0, 7, 12, 3};
  return POLICIES[o.slot];
}

std::uint64_t writtenLengthOf(const Operation& o, std::uint64_t known) {
  return o.force ? o.length : recoveredLengthOf(o, known);
}
std::uint64_t recoveredLengthOf(const Operation& o, std::uint64_t known) {
  return known + o.length % (CHUNK_SIZE + 1 - known);
}

std::string_view nameOf(Do what) { return NAMES[static_cast<std::size_t>(what)]; }

std::string toString(const Operation& o) {
  const auto flag = [](bool on) { return on ? "true" : "false"; };
  std::string text = "{.what = Do::" + std::string(nameOf(o.what));
  text += ", .path = " + quoted(o.path);
  text += ", .to = " + quoted(o.what == Do::RENAME || o.what == Do::CONCAT ? o.to : std::string());
  text += ", .user = " + quoted(o.user) + ", .mode = " + std::to_string(o.mode);
  text += std::string(", .force = ") + flag(o.force) + ", .parents = " + flag(o.parents);
  text += ", .slot = " + std::to_string(o.slot) + ", .length = " + std::to_string(o.length);
  text += std::string(", .repeat = ") + flag(o.repeat) + ", .crash = " + flag(o.crash) + "}";
  return text;
}

std::string asTest(const std::vector<Operation>& operations, const std::string& name) {
  std::string text = "TEST(NamespaceModel, " + name + ") {\n  EXPECT_EQ(run({\n";
  for (const auto& operation : operations) text += "      " + toString(operation) + ",\n";
  return text + "  }), \"\");\n}\n";
}

}  // namespace cairn::model
